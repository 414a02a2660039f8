import { env } from 'cloudflare:workers'
import { deploymentOf, queueStub, registryStub } from '../../src/bindings.ts'
import { batchArn } from '../../src/core/model/deployment.ts'
import type { EnvironmentBody } from '../../src/core/model/environment.ts'
import { type JobTarget, parseJobId } from '../../src/core/model/ids.ts'
import { isTerminal, type JobRequest, type JobView } from '../../src/core/model/job.ts'
import type { JobDefinitionBody } from '../../src/core/model/job-definition.ts'
import type { FairsharePolicy } from '../../src/core/model/scheduling-policy.ts'
import type { EnvironmentRpc } from '../../src/objects/environment/environment-rpc.ts'
import type { QueueRpc } from '../../src/objects/queue/queue-rpc.ts'
import type { CreateQueue } from '../../src/objects/registry/registry-rpc.ts'
import { aDefinitionBody } from './builders.ts'

type Counted = { rowsWritten(): Promise<number> }
export type EnvironmentStub = DurableObjectStub & EnvironmentRpc & Counted
export type QueueStub = DurableObjectStub & QueueRpc & Counted

/** A queue as a test speaks to it. */
export type TestQueue = {
  name: string
  number: number
  /** A new stub each time: one that has seen its object die is of no use. */
  stub: () => QueueStub
}

let nextName = 1

/** A compute environment with queues and a definition, all of their own, in the deployment of the test file. */
export class TestDeployment {
  readonly environmentName: string
  readonly environmentNumber: number
  readonly definition: string
  private readonly queues = new Map<number, TestQueue>()

  /** `leaseSeconds`: of hosts; 600 unless told otherwise. `maxvCpus`: of an environment that has a maximum. */
  static async create(
    options: { leaseSeconds?: number; maxvCpus?: number; definition?: Partial<JobDefinitionBody> } = {},
  ): Promise<TestDeployment> {
    const registry = registryStub(env)
    const name = `t${nextName++}`
    const context = JSON.stringify({ 'longshore.leaseSeconds': options.leaseSeconds ?? 600 })
    const { maxvCpus } = options
    const network = { subnets: ['subnet-1'], securityGroupIds: ['sg-1'] }
    const host = { instanceRole: 'ecsInstanceRole', instanceTypes: ['optimal'] }
    const body: EnvironmentBody =
      maxvCpus === undefined
        ? { type: 'UNMANAGED', state: 'ENABLED', context }
        : {
            type: 'MANAGED',
            state: 'ENABLED',
            context,
            computeResources: { type: 'EC2', maxvCpus, ...network, ...host },
          }
    const created = await registry.createEnvironment(name, body)
    if (!created.ok) throw new Error(created.refusal.message)
    const deployment = new TestDeployment(name, (await registry.environmentNumber(name))!)
    await deployment.register(options.definition ?? {})
    return deployment
  }

  private constructor(name: string, environmentNumber: number) {
    this.environmentName = name
    this.definition = name
    this.environmentNumber = environmentNumber
  }

  async queue(
    members: Pick<
      Partial<CreateQueue>,
      'priority' | 'jobStateTimeLimitActions' | 'schedulingSettings' | 'schedulingPolicyArn'
    > = {},
  ): Promise<TestQueue> {
    const registry = registryStub(env)
    const name = `${this.environmentName}-q${this.queues.size + 1}`
    const environments = [this.environmentName]
    await registry.createQueue({ name, state: 'ENABLED', priority: 1, ...members, environments })
    const number = (await registry.queueNumber(name))!
    const queue = { name, number, stub: () => queueStub(env, number) as unknown as QueueStub }
    this.queues.set(number, queue)
    return queue
  }

  /** A fair-share queue with a policy of its own. */
  async fairQueue(
    policy: FairsharePolicy = {},
    members: Pick<Partial<CreateQueue>, 'schedulingSettings'> = {},
  ): Promise<TestQueue> {
    const name = `${this.environmentName}-p${this.queues.size + 1}`
    const made = await registryStub(env).createPolicy(name, { fairsharePolicy: policy })
    if (!made.ok) throw new Error(made.refusal.message)
    const schedulingPolicyArn = batchArn(deploymentOf(env), `scheduling-policy/${name}`)
    return this.queue({ ...members, schedulingPolicyArn })
  }

  /** Registers the next revision of the definition. */
  async register(body: Partial<JobDefinitionBody>): Promise<void> {
    await registryStub(env).registerDefinition(this.definition, { ...aDefinitionBody(), ...body })
  }

  /** Registers a revision that has nothing of `aDefinitionBody`. */
  async registerAnew(body: JobDefinitionBody): Promise<void> {
    await registryStub(env).registerDefinition(this.definition, body)
  }

  environment(): EnvironmentStub {
    const id = env.ENVIRONMENT.idFromName(`environment-${this.environmentNumber}`)
    return env.ENVIRONMENT.get(id as never) as EnvironmentStub
  }

  /** Submits; throws when it is refused. Returns the job's id. */
  async submit(queue: TestQueue, request: Partial<JobRequest> = {}): Promise<string> {
    const definition = { name: this.definition }
    const outcome = await queue.stub().submitJob({
      queue: queue.name,
      definition,
      request: { jobName: 'job', ...request },
    })
    if (!outcome.ok) throw new Error(outcome.refusal.message)
    return outcome.value.jobId
  }

  async describe(jobId: string): Promise<JobView> {
    const target = targetOf(jobId)
    const [view] = await this.queues.get(target.queue)!.stub().describeJobs([target])
    if (!view) throw new Error(`job ${jobId} is unknown`)
    return view
  }

  /** The job's view, once `condition` holds of it. Tests may move the clock: looks are counted. */
  async until(jobId: string, condition: (view: JobView) => boolean, looks = 4_000): Promise<JobView> {
    for (let look = 0; ; look++) {
      const view = await this.describe(jobId)
      if (condition(view)) return view
      if (look === looks) throw new Error(`waited in vain for job ${jobId}, which is ${JSON.stringify(view)}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  inState(jobId: string, state: JobView['state']): Promise<JobView> {
    return this.until(jobId, (view) => view.state === state)
  }

  ended(jobId: string): Promise<JobView> {
    return this.until(jobId, (view) => isTerminal(view.state))
  }
}

export function targetOf(jobId: string): JobTarget {
  const target = parseJobId(jobId, env.DEPLOYMENT_SALT)
  if (!target) throw new Error(`${jobId} is no job id`)
  return target
}
