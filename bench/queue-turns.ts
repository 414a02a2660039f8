import type { HostReport } from '../src/core/model/attempt.ts'
import { formatJobId } from '../src/core/model/ids.ts'
import type { JobRequest } from '../src/core/model/job.ts'
import type { QueueConfig } from '../src/core/model/queue.ts'
import { NodeSql } from '../src/runtime/node-sql.ts'
import { aQueueConfig, somewhere } from '../test/support/builders.ts'
import { NodeQueue } from '../test/support/node-queue.ts'
import { accepted } from './deep-queue.ts'
import type { TurnLoop } from './turn-loop.ts'

const { instanceId, runtime } = somewhere
const fairShare: Partial<QueueConfig> = {
  schedulingPolicyArn: 'policy',
  fairsharePolicy: { shareDecaySeconds: 600, shareDistribution: [] },
}

/** One operation whose longest turn is measured: what is to be there before, and what is done. */
export type TurnMeasure<Rig> = {
  name: string
  prepare(rig: Rig): Promise<unknown>
  act(rig: Rig): unknown
}

/** A real queue over SQLite in memory, in a process that gives turns. */
export class QueueRig {
  readonly loop: TurnLoop
  private readonly sql = new NodeSql()
  private readonly config: Partial<QueueConfig>
  node: NodeQueue
  private newest = 0

  constructor(loop: TurnLoop, config: Partial<QueueConfig> = {}) {
    this.loop = loop
    this.config = config
    this.node = this.begun()
  }

  /** Memory is lost; `held` of what was placed is still. */
  restart(): void {
    const { placed, now } = this.node
    this.node = this.begun()
    this.node.now = now
    this.node.held = [...placed].map((attemptId) => ({
      attemptId,
      instanceId,
      runtime,
      placedAt: now,
      startedAt: now,
    }))
  }

  target(seq: number) {
    return { queue: 1, shard: 0, seq }
  }

  jobId(seq: number): string {
    return formatJobId(this.target(seq), 'salt')
  }

  /** Submits jobs, 1,000 a request; `request` of a job's number. */
  submit(count: number, request: (nth: number) => Partial<JobRequest> = () => ({})): Promise<unknown> {
    return this.loop.longest(async () => {
      for (let done = 0; done < count; done += 1_000)
        await this.submitOnce(Math.min(1_000, count - done), request)
    })
  }

  async submitOnce(count: number, request: (nth: number) => Partial<JobRequest> = () => ({})): Promise<void> {
    this.node.now++
    const entries = Array.from({ length: count }, () => {
      const nth = this.newest++
      return { definition: { name: 'definition' }, request: { jobName: 'bench', ...request(nth) } }
    })
    for (const answer of accepted(await this.node.queue.submitJobs({ queue: 'queue', entries })))
      accepted(answer)
  }

  place(count: number): Promise<unknown> {
    return this.loop.longest(() => this.node.makeRoom(count))
  }

  /** Placed attempts that have started. */
  async run(count: number): Promise<void> {
    await this.place(count)
    const starts = this.starts()
    for (let at = 0; at < starts.length; at += 1_000)
      await this.loop.longest(() => this.node.queue.report(1, starts.slice(at, at + 1_000)))
  }

  starts(): HostReport[] {
    const { placed, now: startedAt } = this.node
    return [...placed].map((attemptId) => ({ attemptId, instanceId, runtime, kind: 'started', startedAt }))
  }

  ends(exitCode = 0): HostReport[] {
    const { placed, now: at } = this.node
    const end = {
      instanceId,
      runtime,
      kind: 'ended',
      cause: 'exited',
      startedAt: at,
      stoppedAt: at,
      exitCode,
    } as const
    return [...placed].map((attemptId) => ({ attemptId, ...end }))
  }

  /** Two days later: the alarm rings while anything is due. */
  async cleanUp(): Promise<void> {
    this.node.now += 2 * 86_400_000
    while (this.sql.one('SELECT key FROM timers WHERE at <= ?', this.node.now)) {
      await this.loop.turn()
      this.node.queue.alarm()
    }
  }

  delete(): Promise<void> {
    return this.node.queue.configure(aQueueConfig({ ...this.config, deleted: true, version: 1 }))
  }

  private begun(): NodeQueue {
    const ports = { sql: this.sql, scheduler: this.loop.scheduler }
    return new NodeQueue(this.config, ports, (rpc) => this.loop.remote(rpc))
  }
}

type Measure = TurnMeasure<QueueRig> & { config?: Partial<QueueConfig> }
const dependsOn = (rig: QueueRig, seq: number) => [{ jobId: rig.jobId(seq) }]
const array = (size: number) => () => ({ arrayProperties: { size } })
const shared = (nth: number) => ({ shareIdentifier: `share${nth % 500}` })

export const queueTurns: Measure[] = [
  {
    name: 'submit of 1,000',
    prepare: async () => undefined,
    act: (rig) => rig.submitOnce(1_000),
  },
  {
    name: 'tick that starts 1,000',
    prepare: (rig) => rig.submit(2_000),
    act: (rig) => rig.node.makeRoom(1_000),
  },
  {
    name: 'tick that starts 1,000, 500 shares',
    config: fairShare,
    prepare: (rig) => rig.submit(10_000, shared),
    act: (rig) => rig.node.makeRoom(1_000),
  },
  {
    name: 'tick that starts 1,000 and may preempt among 500 shares, 10,000 running',
    config: { ...fairShare, schedulingSettings: { preemption: ['SHARES'] } },
    prepare: async (rig) => {
      await rig.submit(20_000, shared)
      await rig.run(10_000)
    },
    act: (rig) => rig.node.makeRoom(1_000),
  },
  {
    name: 'report of 1,000 starts',
    prepare: async (rig) => {
      await rig.submit(1_000)
      await rig.place(1_000)
    },
    act: (rig) => rig.node.queue.report(1, rig.starts()),
  },
  {
    name: 'report of 1,000 ends',
    prepare: async (rig) => {
      await rig.submit(1_000)
      await rig.run(1_000)
    },
    act: (rig) => rig.node.queue.report(1, rig.ends()),
  },
  {
    name: 'report of 1,000 ends of array children',
    prepare: async (rig) => {
      await rig.submit(1, array(100_000))
      await rig.run(1_000)
    },
    act: (rig) => rig.node.queue.report(1, rig.ends()),
  },
  {
    name: 'cancel of what 20,000 wait for',
    prepare: async (rig) => {
      await rig.submit(1)
      await rig.submit(20_000, () => ({ dependsOn: dependsOn(rig, 1) }))
    },
    act: (rig) => rig.node.queue.cancelJob(rig.target(1), 'bench'),
  },
  {
    name: 'end of what 20,000 wait for',
    prepare: async (rig) => {
      await rig.submit(1)
      await rig.run(1)
      await rig.submit(20_000, () => ({ dependsOn: dependsOn(rig, 1) }))
    },
    act: (rig) => rig.node.queue.report(1, rig.ends()),
  },
  {
    name: 'cancel of what 3,000 wait for one after the other',
    prepare: (rig) =>
      rig.loop.longest(async () => {
        for (let seq = 0; seq < 3_000; seq++)
          await rig.submitOnce(1, () => (seq === 0 ? {} : { dependsOn: dependsOn(rig, seq) }))
      }),
    act: (rig) => rig.node.queue.cancelJob(rig.target(1), 'bench'),
  },
  {
    name: 'termination of an array of 100,000 of which 20,000 run',
    prepare: async (rig) => {
      await rig.submit(1, array(100_000))
      await rig.run(20_000)
    },
    act: (rig) => rig.node.queue.terminateJob(rig.target(1), 'bench'),
  },
  {
    name: 'cancel of an array of 100,000 that another follows child by child',
    prepare: async (rig) => {
      await rig.submit(1, array(100_000))
      await rig.submit(1, () => ({
        arrayProperties: { size: 100_000 },
        dependsOn: [{ jobId: rig.jobId(1), type: 'N_TO_N' as const }],
      }))
      await rig.run(2_000)
    },
    act: (rig) => rig.node.queue.cancelJob(rig.target(1), 'bench'),
  },
  {
    name: 'termination of 50 jobs that 1,000 wait for each',
    prepare: async (rig) => {
      await rig.submit(50)
      await rig.submit(50_000, (nth) => ({ dependsOn: dependsOn(rig, 1 + (nth % 50)) }))
    },
    act: (rig) =>
      rig.node.queue.stopJobs(
        Array.from({ length: 50 }, (_, i) => rig.target(i + 1)),
        { kind: 'terminate', reason: 'bench' },
      ),
  },
  {
    name: 'start anew with 10,000 running, of which it is told',
    prepare: async (rig) => {
      await rig.submit(20_000)
      await rig.run(10_000)
      rig.restart()
    },
    act: (rig) => rig.node.queue.describeJobs([rig.target(1)]),
  },
  {
    name: 'start anew with 10,000 starts, of which it is told',
    prepare: async (rig) => {
      await rig.submit(20_000)
      await rig.place(10_000)
      rig.restart()
    },
    act: (rig) => rig.node.queue.describeJobs([rig.target(1)]),
  },
  {
    name: 'clean-up of 5,000 jobs',
    prepare: async (rig) => {
      await rig.submit(5_000)
      await rig.loop.longest(async () => {
        for (let seq = 1; seq <= 5_000; seq++) await rig.node.queue.cancelJob(rig.target(seq), 'bench')
      })
    },
    act: (rig) => rig.cleanUp(),
  },
  {
    name: 'clean-up of an array of 1,000,000 of which 100,000 ran',
    prepare: async (rig) => {
      await rig.submit(1, array(1_000_000))
      for (let done = 0; done < 100_000; done += 20_000) {
        await rig.run(20_000)
        await rig.loop.longest(async () => {
          const ends = rig.ends()
          for (let at = 0; at < ends.length; at += 1_000)
            await rig.node.queue.report(1, ends.slice(at, at + 1_000))
          rig.node.placed.clear()
        })
      }
      await rig.loop.longest(() => rig.node.queue.cancelJob(rig.target(1), 'bench'))
    },
    act: (rig) => rig.cleanUp(),
  },
  {
    name: 'deletion of a queue of 30,000',
    prepare: (rig) => rig.submit(30_000),
    act: (rig) => rig.delete(),
  },
]
