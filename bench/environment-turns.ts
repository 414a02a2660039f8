import { formatAttemptId } from '../src/core/model/ids.ts'
import { type TaskSpec, taskSpec } from '../src/core/model/task-spec.ts'
import type { PlaceAsk, PlaceRequest } from '../src/objects/environment/environment-rpc.ts'
import { aDefinition, anOffer } from '../test/support/builders.ts'
import { NodeEnvironment } from '../test/support/node-environment.ts'
import type { TurnMeasure } from './queue-turns.ts'
import type { TurnLoop } from './turn-loop.ts'

const queues = [1, 2].map((number) => ({ number, name: `queue${number}`, priority: number }))
const attemptsAtOnce = 128

type Shape = { vcpus?: number; timeoutSeconds?: number; nodes?: number }

/** A real environment over SQLite in memory, in a process that gives turns. Its queues have priority 1 and 2. */
export class EnvironmentRig {
  readonly loop: TurnLoop
  readonly node: NodeEnvironment
  private readonly sessions = new Map<number, string>()
  private newest = 0
  /** Attempts that are placed. */
  readonly placed: string[] = []

  constructor(loop: TurnLoop) {
    this.loop = loop
    this.node = new NodeEnvironment(queues, loop.scheduler, (rpc) => loop.remote(rpc))
  }

  async open(): Promise<void> {
    await this.node.environment.ensureConfigured()
    for (const { number } of queues)
      this.sessions.set(number, (await this.node.environment.openSession(number)).session)
  }

  /** Connects hosts. */
  connect(hosts: number, vcpus: number): Promise<unknown> {
    return this.loop.longest(async () => {
      await this.open()
      for (let nth = 0; nth < hosts; nth++) {
        await this.loop.turn()
        this.node.hello(nth, anOffer(vcpus))
      }
    })
  }

  /** Places attempts of queue 1, as many a request as a queue asks for. */
  async fill(count: number, shape: (nth: number) => Shape): Promise<void> {
    await this.loop.longest(async () => {
      for (let done = 0; done < count; done += attemptsAtOnce) {
        await this.loop.turn()
        await this.place(this.request(1, Math.min(attemptsAtOnce, count - done), shape))
      }
    })
  }

  async place(request: PlaceRequest): Promise<void> {
    this.node.now++
    const reply = await this.node.environment.place(request)
    if (!reply.ok) throw new Error(reply.reason)
    for (const { attemptId } of reply.placed) this.placed.push(attemptId)
  }

  request(
    queue: number,
    count: number,
    shape: (nth: number) => Shape,
    more: Partial<PlaceRequest> = {},
  ): PlaceRequest {
    const specs: TaskSpec[] = []
    const asks = Array.from({ length: count }, (_, nth): PlaceAsk => {
      const { nodes = 0, ...task } = shape(nth)
      const seq = ++this.newest
      const spec = specOf(task)
      const id = (node?: number) =>
        formatAttemptId({ queue, seq, attempt: 1, ...(node === undefined ? {} : { node }) }, 'salt')
      const ask = { spec: specs.push(spec) - 1, environment: { AWS_BATCH_JOB_ATTEMPT: '1' } }
      if (nodes === 0) return { attemptId: id(), ...ask }
      const { resources } = spec
      const others = Array.from({ length: nodes - 1 }, (_, i) => ({
        attemptId: id(i + 1),
        resources,
        images: [],
      }))
      return { attemptId: id(0), ...ask, nodes: others }
    })
    return { queue, session: this.sessions.get(queue)!, specs, asks, ...more }
  }

  /** Every host is silent for longer than a lease. */
  async silence(): Promise<void> {
    for (let nth = 0; nth < hosts; nth++) {
      await this.loop.turn()
      this.node.disconnect(nth)
    }
    this.node.outlastLeases()
    do await this.loop.turn()
    while (this.node.ring())
  }
}

function specOf({ vcpus = 1, timeoutSeconds }: Omit<Shape, 'nodes'>): TaskSpec {
  const resourceRequirements = [
    { type: 'VCPU' as const, value: String(vcpus) },
    { type: 'MEMORY' as const, value: '100' },
  ]
  const containerProperties = { image: 'busybox', command: ['true'], resourceRequirements }
  const timeout = timeoutSeconds === undefined ? {} : { timeout: { attemptDurationSeconds: timeoutSeconds } }
  return taskSpec(aDefinition({ containerProperties, ...timeout }), { jobName: 'bench' })
}

const hosts = 1_000
const hourly = (nth: number) => ({ timeoutSeconds: 600 + ((nth * 7_919) % 86_400) })

/** 1,000 hosts of 16 vCPUs, full of attempts of one vCPU, with a time-out each. */
async function full(rig: EnvironmentRig): Promise<void> {
  await rig.connect(hosts, 16)
  await rig.fill(16 * hosts, hourly)
}

/** One host of 2,000 attempts. */
async function crowded(rig: EnvironmentRig): Promise<void> {
  await rig.connect(1, 2_000)
  await rig.fill(2_000, hourly)
}

export const environmentTurns: TurnMeasure<EnvironmentRig>[] = [
  {
    name: 'placing 128 on 1,000 hosts, half full',
    prepare: async (rig) => {
      await rig.connect(hosts, 16)
      await rig.fill(8 * hosts, hourly)
    },
    act: (rig) => rig.place(rig.request(2, 128, hourly)),
  },
  {
    name: 'placing 128 on a host of 10,000 attempts',
    prepare: async (rig) => {
      await rig.connect(1, 20_000)
      await rig.fill(10_000, hourly)
    },
    act: (rig) => rig.place(rig.request(2, 128, hourly)),
  },
  {
    name: 'placing a gang of 1,000 on 1,000 hosts',
    prepare: (rig) => rig.connect(hosts, 16),
    act: (rig) => rig.place(rig.request(2, 1, () => ({ nodes: 1_000 }))),
  },
  {
    name: 'reservation for one of 16 vCPUs, 1,000 full hosts',
    prepare: full,
    act: (rig) => rig.place(rig.request(2, 1, () => ({ vcpus: 16 }))),
  },
  {
    name: 'request of 128 shapes for which there is no room, 1,000 full hosts',
    prepare: full,
    act: (rig) =>
      rig.place(rig.request(2, 128, (nth) => ({ vcpus: 1 + (nth % 16), timeoutSeconds: 60 + nth }))),
  },
  {
    name: 'reservation for a gang of 50 of 16 vCPUs, 1,000 full hosts',
    prepare: full,
    act: (rig) => rig.place(rig.request(2, 1, () => ({ vcpus: 16, nodes: 50 }))),
  },
  {
    name: 'reservation for a gang of 1,000 of 8 vCPUs, 1,000 full hosts',
    prepare: full,
    act: (rig) => rig.place(rig.request(2, 1, () => ({ vcpus: 8, nodes: 1_000 }))),
  },
  {
    name: 'the same for a gang of 50, attempts without a time-out',
    prepare: async (rig) => {
      await rig.connect(hosts, 16)
      await rig.fill(16 * hosts, () => ({}))
    },
    act: (rig) => rig.place(rig.request(2, 1, () => ({ vcpus: 16, nodes: 50 }))),
  },
  {
    name: 'preemption for 128, 1,000 full hosts',
    prepare: full,
    act: (rig) => rig.place(rig.request(2, 128, (nth) => ({ vcpus: 1 + (nth % 16) }), { preempts: true })),
  },
  {
    name: 'preemption for a gang of 50 of 16 vCPUs, 1,000 full hosts',
    prepare: full,
    act: (rig) => rig.place(rig.request(2, 1, () => ({ vcpus: 16, nodes: 50 }), { preempts: true })),
  },
  {
    name: 'session with 16,000 placements',
    prepare: full,
    act: (rig) => rig.open(),
  },
  {
    name: 'hello of a host with 2,000 attempts',
    prepare: crowded,
    act: ({ node, placed }) => {
      const running = placed.map((attemptId) => ({
        attemptId,
        state: 'running' as const,
        startedAt: node.now,
      }))
      node.hello(0, anOffer(2_000), running)
    },
  },
  {
    name: 'report of 2,000 ends of one host',
    prepare: crowded,
    act: ({ node, placed }) => {
      const end = {
        kind: 'ended',
        cause: 'exited',
        startedAt: node.now,
        stoppedAt: node.now,
        exitCode: 0,
      } as const
      node.say(0, { type: 'reports', reports: placed.map((attemptId) => ({ attemptId, ...end })) })
    },
  },
  {
    name: 'loss of 1,000 hosts with 16,000 attempts at once',
    prepare: full,
    act: (rig) => rig.silence(),
  },
  {
    name: 'start anew with 1,000 hosts and 16,000 attempts',
    prepare: full,
    act: ({ node }) => node.restart(),
  },
  {
    name: 'stop of 100 attempts',
    prepare: full,
    act: ({ node, placed }) => {
      const stops = placed.slice(0, 100).map((attemptId) => ({ attemptId, reason: 'bench' }))
      return node.environment.stopAttempts(stops)
    },
  },
]
