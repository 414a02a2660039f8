import { assert } from '../../src/core/assert.ts'
import type { EnvironmentConfig } from '../../src/core/model/environment.ts'
import { formatAttemptId, parseAttemptId, parseJobId } from '../../src/core/model/ids.ts'
import { isTerminal, type JobRequest, type JobView } from '../../src/core/model/job.ts'
import type { QueueConfig } from '../../src/core/model/queue.ts'
import { Environment } from '../../src/objects/environment/environment.ts'
import { Queue } from '../../src/objects/queue/queue.ts'
import { ConsumableWatch } from './consumable-watch.ts'
import { FaultyNetwork, SimSocket } from './faulty-network.ts'
import { Rush } from './rush.ts'
import { RunRecord, SimHost, simSalt } from './sim-host.ts'
import { SimObject } from './sim-object.ts'
import {
  definition,
  definitions,
  fewestGpus,
  gang,
  hostMemoryMiB,
  licensed,
  smallestHost,
  someNeeds,
  urgent,
} from './sim-work.ts'
import { Life, World } from './world.ts'

const deployment = { partition: 'aws', region: 'us-east-1', accountId: '000000000000', salt: simSalt }
const leaseMs = 20_000
/** Ten times what a thousand jobs take. */
const eventLimit = 200_000

const queueConfig: QueueConfig = {
  number: 1,
  name: 'q',
  uuid: 'u',
  createdAt: 0,
  state: 'ENABLED',
  priority: 1,
  environments: [
    { number: 1, name: 'first' },
    { number: 2, name: 'second' },
  ],
}

function environmentConfig(number: number): EnvironmentConfig {
  return {
    number,
    name: queueConfig.environments[number - 1]!.name,
    uuid: 'deployment',
    createdAt: 0,
    body: { type: 'UNMANAGED', state: 'ENABLED' },
    leaseMs,
  }
}

export type SimulationResult = {
  jobs: number
  attempts: number
  events: number
  restarts: number
  virtualSeconds: number
}

/**
 * Runs `jobCount` jobs (array children counted) through the real queue, environment and agent classes over a network
 * that delays, fails and forgets, with objects and agents killed and hosts lost on the way. Then the faults stop and every
 * job must end. Throws at the first broken promise: a job lost, an attempt started twice or overlapping with its
 * retry, a host over-committed.
 */
export async function simulate(seed: number, jobCount = 1_000): Promise<SimulationResult> {
  return new Simulation(seed).run(jobCount)
}

class Simulation {
  private readonly world: World
  private readonly network: FaultyNetwork
  private readonly record = new RunRecord()
  private readonly client: Life
  private readonly queue: SimObject<Queue>
  private readonly environments: SimObject<Environment>[]
  private readonly consumables: ConsumableWatch
  private readonly hosts: SimHost[] = []
  private readonly sockets = new Set<SimSocket>()
  private readonly submitted = new Map<string, number>()
  /** Nodes of multi-node parallel jobs. */
  private readonly nodes: string[] = []
  private unanswered = 0
  private faulty = true
  private nextHost = 1
  private readonly rush: Rush

  constructor(seed: number) {
    this.world = new World(seed)
    this.network = new FaultyNetwork(this.world, { callFails: 0.02, delayMs: 40 })
    this.client = new Life(this.world)
    this.rush = new Rush(this.world, async (name) => {
      const stub = this.network.stub(this.client, () => this.queue.get())
      const outcome = await stub.submitJob({ queue: 'q', definition: { name }, request: { jobName: 'job' } })
      assert(outcome.ok, outcome.ok ? '' : outcome.refusal.message)
      this.submitted.set(outcome.value.jobId, 1)
      return outcome.value.jobId
    })
    this.queue = this.buildQueue()
    this.consumables = new ConsumableWatch(this.world, this.record, this.network, () => this.queue)
    this.environments = queueConfig.environments.map(({ number }) => this.buildEnvironment(number))
  }

  async run(jobCount: number): Promise<SimulationResult> {
    const begun = this.world.now()
    await this.consumables.create()
    for (let i = 0; i < 4; i++) this.addHost()
    let children = 0
    while (children < jobCount) {
      const size = this.world.chance(0.05) ? Math.min(this.world.between(2, 60), jobCount - children) : 1
      children += size
      this.world.at(this.world.between(0, 60_000), () => this.submit(size))
    }
    this.scheduleFaults()
    this.world.at(90_000, () => this.stopFaults())
    await this.untilAllEnded()
    this.rush.begin()
    await this.untilAllEnded()
    const views = await this.describeAll()
    for (const view of views) this.check(view)
    return {
      jobs: children,
      attempts: this.record.runs.size,
      events: this.world.events,
      restarts: [this.queue, this.consumables.object, ...this.environments].reduce(
        (sum, { restarts }) => sum + restarts,
        0,
      ),
      virtualSeconds: Math.round((this.world.now() - begun) / 1000),
    }
  }

  private buildQueue(): SimObject<Queue> {
    return new SimObject(this.world, ({ life, sql, alarm, armed }) => {
      const queue = new Queue({
        sql,
        clock: this.world,
        scheduler: life.scheduler,
        alarm,
        deployment,
        historyMs: 86_400_000,
        number: 1,
        registry: {
          resolveDefinitions: async (refs) =>
            refs.map(({ name }) => definitions.find((known) => known.name === name)!),
          queueConfig: async () => queueConfig,
        },
        consumables: this.network.stub(life, () => this.consumables.object.get()),
        environment: (number) => this.network.stub(life, () => this.environments[number - 1]!.get()),
        queue: () => {
          throw new Error('there is one queue')
        },
      })
      queue.resume(armed)
      return queue
    })
  }

  private buildEnvironment(number: number): SimObject<Environment> {
    return new SimObject(this.world, ({ life, sql, alarm, armed }) => {
      const environment = new Environment({
        sql,
        clock: this.world,
        scheduler: life.scheduler,
        alarm,
        random: { uuid: () => `session-${this.world.random()}` },
        deployment,
        number,
        registry: {
          environmentSetup: async () => ({
            config: environmentConfig(number),
            queues: [{ number: 1, name: 'q', priority: 1 }],
          }),
        },
        queue: () => this.network.stub(life, () => this.queue.get()),
        logs: () => ({ append: async () => undefined }),
      })
      environment.resume([], armed)
      return environment
    })
  }

  private addHost(): void {
    const environment = this.environments[this.nextHost % this.environments.length]!
    const instanceId = (this.nextHost++).toString(16).padStart(4, '0').padEnd(32, '0')
    const capacity = {
      cpuMilli: this.world.between(smallestHost, 16) * 1000,
      memoryMiB: hostMemoryMiB,
      gpuMilli: this.world.between(fewestGpus, 2) * 1000,
      diskMiB: 0,
    }
    this.hosts.push(
      new SimHost(this.world, this.record, {
        instanceId,
        capacity,
        behaviour: ({ attemptId, spec }) => {
          const { command = [] } = spec.containers[0]!
          if (command.includes(licensed.name)) this.consumables.runs(attemptId)
          if (command.includes(urgent.name)) this.rush.runs(attemptId)
          // Nodes other than the main one may wait to be stopped.
          const lasts = (parseAttemptId(attemptId, simSalt)!.node ?? 0) > 0 && this.world.chance(0.5)
          return {
            startMs: this.world.between(1, 300),
            runMs: lasts ? 86_400_000 : this.world.between(0, 4_000),
            exitCode: this.world.chance(0.1) ? 1 : 0,
          }
        },
        dial: () => this.dial(environment),
      }),
    )
  }

  private dial(object: SimObject<Environment>): SimSocket | undefined {
    if (this.faulty && this.world.chance(0.1)) return undefined
    const { rpc: environment, life } = object.get()
    void environment.ensureConfigured()
    const socket = new SimSocket(this.world, this.network)
    this.sockets.add(socket)
    socket.toEnvironment = (peer, text) => {
      if (life.alive) environment.received(peer, text)
    }
    socket.environmentClosed = (peer) => {
      this.sockets.delete(socket)
      if (life.alive) environment.closed(peer)
    }
    life.onDeath(() => socket.cut(false))
    return socket
  }

  /** A client that knows not to repeat a submit: what it got no answer for it does not count. */
  private submit(size: number): void {
    const numNodes = size === 1 && this.world.chance(0.05) ? this.world.between(1, 5) : 0
    const request: JobRequest = {
      jobName: 'job',
      ...(size > 1 ? { arrayProperties: { size } } : {}),
      ...(numNodes > 0 ? { nodeOverrides: { numNodes } } : someNeeds(this.world)),
      ...this.dependencies(size),
    }
    const single = this.world.chance(0.1) ? licensed : definition
    const { name } = numNodes > 0 ? gang : single
    this.unanswered++
    const stub = this.network.stub(this.client, () => this.queue.get())
    stub
      .submitJob({ queue: 'q', definition: { name }, request })
      .then(
        (outcome) => {
          assert(outcome.ok, outcome.ok ? '' : outcome.refusal.message)
          const { jobId } = outcome.value
          this.submitted.set(jobId, size)
          for (let node = 0; node < numNodes; node++) this.nodes.push(`${jobId}#${node}`)
          if (this.world.chance(0.05)) this.stopLater(jobId, size)
        },
        () => undefined,
      )
      .catch((error) => this.world.fail(error))
      .finally(() => {
        this.unanswered--
      })
  }

  /** A client that changes its mind, about a job or about one child. */
  private stopLater(jobId: string, size: number): void {
    const child = size > 1 && this.world.chance(0.5) ? `:${this.world.between(0, size - 1)}` : ''
    const target = parseJobId(`${jobId}${child}`, simSalt)!
    const stop = this.world.chance(0.5) ? 'cancelJob' : 'terminateJob'
    this.world.at(this.world.between(0, 10_000), () => {
      const stub = this.network.stub(this.client, () => this.queue.get())
      stub[stop](target, 'changed my mind').catch(() => undefined)
    })
  }

  private dependencies(size: number): Pick<JobRequest, 'dependsOn'> {
    if (size > 1 && this.world.chance(0.3)) return { dependsOn: [{ type: 'SEQUENTIAL' }] }
    const twins = [...this.submitted].filter(([, other]) => other === size && size > 1)
    if (twins.length > 0 && this.world.chance(0.5)) {
      const [jobId] = twins[this.world.between(0, twins.length - 1)]!
      return { dependsOn: [{ jobId, type: 'N_TO_N' }] }
    }
    if (this.submitted.size === 0 || !this.world.chance(0.2)) return {}
    const known = [...this.submitted.keys()]
    return { dependsOn: [{ jobId: known[this.world.between(0, known.length - 1)]! }] }
  }

  private scheduleFaults(): void {
    const fault = () => {
      if (!this.faulty) return
      const draw = this.world.random()
      const host = this.hosts[this.world.between(0, this.hosts.length - 1)]!
      if (draw < 0.3) this.queue.kill()
      else if (draw < 0.35) this.consumables.object.kill()
      else if (draw < 0.4) this.consumables.resize()
      else if (draw < 0.55) this.environments[this.world.between(0, this.environments.length - 1)]!.kill()
      else if (draw < 0.75) host.socket?.cut(this.world.chance(0.7))
      else if (draw < 0.95) host.restartAgent(this.world.between(10, 3_000))
      else {
        host.powerOff()
        this.hosts.splice(this.hosts.indexOf(host), 1)
        this.addHost()
      }
      this.world.at(this.world.between(100, 4_000), fault)
    }
    fault()
  }

  private stopFaults(): void {
    this.faulty = false
    this.network.faults.callFails = 0
  }

  private async untilAllEnded(): Promise<void> {
    let ended = false
    const look = () => {
      if (!this.faulty && this.unanswered + this.rush.unanswered === 0)
        this.describeAll().then(
          async (views) => {
            ended =
              views.every((view) => isTerminal(view.state)) &&
              (await this.nothingIsPlaced()) &&
              (await this.consumables.isSettled(this.queue.get().rpc))
          },
          (error) => this.world.fail(error),
        )
      this.world.at(5_000, look)
    }
    look()
    await this.world
      .run(() => ended, eventLimit)
      .catch(async (error) => {
        const stuck = (await this.describeAll()).filter((view) => !isTerminal(view.state))
        const lines = stuck
          .slice(0, 5)
          .map(({ jobId, state, array }) => `${jobId} ${state} ${JSON.stringify(array)}`)
        throw new Error(`${error instanceof Error ? error.message : error}; not ended: ${lines.join(', ')}`, {
          cause: error,
        })
      })
  }

  private async nothingIsPlaced(): Promise<boolean> {
    const hosts = await Promise.all(
      this.environments.map((environment) => environment.get().rpc.describeHosts()),
    )
    return hosts.flat().every(({ attempts }) => attempts.length === 0)
  }

  private async describeAll(): Promise<JobView[]> {
    const targets = [...this.submitted.keys(), ...this.nodes].map((id) => parseJobId(id, simSalt)!)
    const views = await this.queue.get().rpc.describeJobs(targets)
    return views.map((view, i) => {
      assert(view, `job ${JSON.stringify(targets[i])} is lost`)
      return view
    })
  }

  /** What the queue says of a job is what its hosts saw. */
  private check(view: JobView): void {
    const key = parseJobId(view.jobId, simSalt)!
    if (view.array && 'size' in view.array) {
      const { SUCCEEDED, FAILED } = view.array.summary
      assert(SUCCEEDED + FAILED === view.array.size, `children of ${view.jobId} have not ended`)
      assert((FAILED === 0) === (view.state === 'SUCCEEDED'), `${view.jobId} disagrees with its children`)
      return
    }
    // The attempts of a multi-node parallel job are its main node's.
    const node = view.nodes && 'properties' in view.nodes ? { node: 0 } : {}
    for (const [i, attempt] of view.attempts.entries()) {
      assert(
        attempt.attemptId === formatAttemptId({ ...key, ...node, attempt: i + 1 }, simSalt),
        'attempt out of order',
      )
      const last = i === view.attempts.length - 1
      const isOther = key.node !== undefined && key.node > 0
      assert(last || isOther || attempt.exitCode !== 0, `${view.jobId} ran again after it had succeeded`)
    }
    if (view.state !== 'SUCCEEDED') return
    assert(view.attempts.at(-1)?.exitCode === 0, `${view.jobId} succeeded without an exit code 0`)
    assert(
      this.record.runs.has(view.attempts.at(-1)!.attemptId),
      `${view.jobId} succeeded without having run`,
    )
  }
}
