import { assert } from '../../src/core/assert.ts'
import type { EnvironmentConfig } from '../../src/core/model/environment.ts'
import { type JobTarget, parseAttemptId, parseJobId } from '../../src/core/model/ids.ts'
import { isTerminal, type JobRequest, type JobView } from '../../src/core/model/job.ts'
import type { QueueConfig } from '../../src/core/model/queue.ts'
import type { Environment } from '../../src/objects/environment/environment.ts'
import type { Queue } from '../../src/objects/queue/queue.ts'
import { checkEnded } from './check-ended.ts'
import { ConsumableWatch } from './consumable-watch.ts'
import { FaultyNetwork, SimSocket } from './faulty-network.ts'
import { ReclaimWatch } from './reclaim-watch.ts'
import { Rush } from './rush.ts'
import { reclaiming, ShareWatch, sharing } from './share-watch.ts'
import { RunRecord, SimHost, simSalt } from './sim-host.ts'
import type { SimObject } from './sim-object.ts'
import { simEnvironment, simQueue } from './sim-parts.ts'
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

const plain: QueueConfig = {
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
/** Has what it wants from the attempts of the other. */
const upper: QueueConfig = {
  ...plain,
  number: 2,
  name: 'upper',
  priority: 10,
  schedulingSettings: { preemption: ['LOWER_QUEUES'] },
}

function environmentConfig(number: number): EnvironmentConfig {
  return {
    number,
    name: plain.environments[number - 1]!.name,
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
  /** Attempts that had to make room, and how many of them were of multi-node jobs. */
  preempted: number
  preemptedGangs: number
  restarts: number
  virtualSeconds: number
}

/**
 * Runs `jobCount` jobs (array children counted) through the real queue, environment and agent classes over a network
 * that delays, fails and forgets, with objects and agents killed and hosts lost on the way. Then the faults stop and every
 * job must end. Throws at the first broken promise: a job lost, an attempt started twice or overlapping with its
 * retry, a host over-committed, a limit broken. In every fourth run there is a second queue, for which attempts of the first
 * make room, and in every fourth the queue is one of shares; in one of four such runs they reclaim from each other.
 */
export async function simulate(seed: number, jobCount = 1_000): Promise<SimulationResult> {
  return new Simulation(seed).run(jobCount)
}

class Simulation {
  private readonly world: World
  private readonly configs: QueueConfig[]
  private readonly network: FaultyNetwork
  private readonly record = new RunRecord()
  private readonly client: Life
  private readonly queues: SimObject<Queue>[]
  private readonly environments: SimObject<Environment>[]
  private readonly consumables: ConsumableWatch
  private readonly hosts: SimHost[] = []
  private readonly sockets = new Set<SimSocket>()
  private readonly submitted = new Map<string, number>()
  /** Nodes of multi-node parallel jobs, children of arrays. */
  private readonly parts: string[] = []
  private unanswered = 0
  private faulty = true
  private nextHost = 1
  private readonly rush: Rush
  private readonly shares: ShareWatch | undefined
  private readonly reclaims: ReclaimWatch | undefined

  constructor(seed: number) {
    this.world = new World(seed)
    this.network = new FaultyNetwork(this.world, { callFails: 0.02, delayMs: 40 })
    this.client = new Life(this.world)
    const isReclaiming = seed % 16 === 7
    if (seed % 4 === 3) this.shares = new ShareWatch(this.world, this.record, !isReclaiming)
    if (isReclaiming)
      this.reclaims = new ReclaimWatch(
        this.world,
        reclaiming.fairsharePolicy,
        () => this.queues[0]!.get().rpc,
      )
    this.rush = new Rush(this.world, async (name) => {
      const stub = this.network.stub(this.client, () => this.queues[0]!.get())
      const outcome = await stub.submitJob({ queue: 'q', definition: { name }, request: { jobName: 'job' } })
      assert(outcome.ok, outcome.ok ? '' : outcome.refusal.message)
      this.submitted.set(outcome.value.jobId, 1)
      return outcome.value.jobId
    })
    const own = this.reclaims ? reclaiming : this.shares ? sharing : {}
    this.configs = seed % 4 === 0 ? [plain, upper] : [{ ...plain, ...own }]
    this.queues = this.configs.map((config) => this.buildQueue(config))
    this.consumables = new ConsumableWatch(this.world, this.record, this.network, () => this.queues[0]!)
    this.environments = plain.environments.map(({ number }) => this.buildEnvironment(number))
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
    if (!this.shares) this.rush.begin()
    await this.untilAllEnded()
    const views = await this.describeAll()
    const yields = (queue: number) => queue === 1 && this.mayPreempt
    const preempted = views.map((view) => checkEnded(view, this.record, yields))
    return {
      jobs: children,
      attempts: this.record.runs.size,
      events: this.world.events,
      preempted: preempted.reduce((sum, count) => sum + count, 0),
      preemptedGangs: preempted.reduce((sum, count, at) => sum + (views[at]!.nodes ? count : 0), 0),
      restarts: [...this.queues, this.consumables.object, ...this.environments].reduce(
        (sum, { restarts }) => sum + restarts,
        0,
      ),
      virtualSeconds: Math.round((this.world.now() - begun) / 1000),
    }
  }

  private buildQueue(config: QueueConfig): SimObject<Queue> {
    return simQueue(this.world, config, (life) => ({
      deployment,
      historyMs: 86_400_000,
      resolveDefinitions: async (refs) =>
        refs.map(({ name }) => definitions.find((known) => known.name === name)!),
      consumables: this.network.stub(life, () => this.consumables.object.get()),
      environment: (number) => {
        const stub = this.network.stub(life, () => this.environments[number - 1]!.get())
        return this.reclaims?.watch(stub) ?? stub
      },
    }))
  }

  private buildEnvironment(number: number): SimObject<Environment> {
    return simEnvironment(this.world, environmentConfig(number), this.configs, (life) => ({
      deployment,
      queue: (queue) => this.network.stub(life, () => this.queues[queue - 1]!.get()),
    }))
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
          this.shares?.begins(attemptId, spec.containers[0]!.environment)
          const crowded = this.mayPreempt && this.faulty
          // Nodes other than the main one may wait to be stopped.
          const lasts = (parseAttemptId(attemptId, simSalt)!.node ?? 0) > 0 && this.world.chance(0.5)
          return {
            startMs: this.world.between(1, 300),
            runMs: lasts ? 86_400_000 : this.world.between(0, crowded ? this.crowdedMs() : 4_000),
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
    const config = this.configs.length > 1 && this.world.chance(0.2) ? upper : this.configs[0]!
    const numNodes =
      size === 1 && this.world.chance(this.mayPreempt ? 0.3 : 0.05) ? this.world.between(1, 5) : 0
    const request: JobRequest = {
      jobName: 'job',
      ...(size > 1 ? { arrayProperties: { size } } : {}),
      ...(numNodes > 0 ? { nodeOverrides: { numNodes } } : someNeeds(this.world)),
      ...this.dependencies(config.number, size),
      // Tried so rarely that it shows if to make room counts as a try.
      ...(this.mayPreempt ? { retryStrategy: { attempts: this.world.between(1, 3) } } : {}),
    }
    if (this.shares) {
      const { told, ...share } = this.shares.request()
      Object.assign(request, share)
      if (numNodes === 0) request.containerOverrides = { ...request.containerOverrides, environment: told }
    }
    const single = this.world.chance(0.1) && config !== upper ? licensed : definition
    const { name } = numNodes > 0 ? gang : single
    this.unanswered++
    const stub = this.network.stub(this.client, () => this.queues[config.number - 1]!.get())
    stub
      .submitJob({ queue: config.name, definition: { name }, request })
      .then(
        (outcome) => {
          assert(outcome.ok, outcome.ok ? '' : outcome.refusal.message)
          const { jobId } = outcome.value
          this.submitted.set(jobId, size)
          for (let node = 0; node < numNodes; node++) this.parts.push(`${jobId}#${node}`)
          for (let index = 0; index < size && size > 1; index++) this.parts.push(`${jobId}:${index}`)
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
      const stub = this.network.stub(this.client, () => this.queueOf(target).get())
      stub[stop](target, 'changed my mind').catch(() => undefined)
    })
  }

  private dependencies(queue: number, size: number): Pick<JobRequest, 'dependsOn'> {
    if (size > 1 && this.world.chance(0.3)) return { dependsOn: [{ type: 'SEQUENTIAL' }] }
    const here = [...this.submitted].filter(([jobId]) => parseJobId(jobId, simSalt)!.queue === queue)
    const twins = here.filter(([, other]) => other === size && size > 1)
    if (twins.length > 0 && this.world.chance(0.5)) {
      const [jobId] = twins[this.world.between(0, twins.length - 1)]!
      return { dependsOn: [{ jobId, type: 'N_TO_N' }] }
    }
    if (here.length === 0 || !this.world.chance(0.2)) return {}
    return { dependsOn: [{ jobId: here[this.world.between(0, here.length - 1)]![0] }] }
  }

  private scheduleFaults(): void {
    const fault = () => {
      if (!this.faulty) return
      const draw = this.world.random()
      const host = this.hosts[this.world.between(0, this.hosts.length - 1)]!
      if (draw < 0.3) this.queues[Math.floor((draw / 0.3) * this.queues.length)]!.kill()
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
              (await this.consumables.isSettled(this.queues[0]!.get().rpc)) &&
              (await this.shares?.isSettled(this.queues[0]!.get().rpc)) !== false
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
    const targets = [...this.submitted.keys(), ...this.parts].map((id) => parseJobId(id, simSalt)!)
    const described = targets.map(async (target) => this.queueOf(target).get().rpc.describeJobs([target]))
    const views = (await Promise.all(described)).flat()
    return views.map((view, i) => {
      assert(view, `job ${JSON.stringify(targets[i])} is lost`)
      return view
    })
  }

  /** Of shares that reclaim few hold much for long, so that others find something to reclaim and not all of them wait. */
  private crowdedMs(): number {
    if (!this.reclaims) return 12_000
    return this.world.chance(0.1) ? 30_000 : 1_500
  }

  /** Attempts may have to make room for others. */
  private get mayPreempt(): boolean {
    return this.configs.length > 1 || this.reclaims !== undefined
  }

  private queueOf({ queue }: JobTarget): SimObject<Queue> {
    return this.queues[queue - 1]!
  }
}
