import { limits } from '../../core/limits.ts'
import { type JobTarget, parseAttemptId } from '../../core/model/ids.ts'
import type { JobRequest } from '../../core/model/job.ts'
import type { JobDefinition } from '../../core/model/job-definition.ts'
import type { Job, NodeShape } from '../../core/model/job-record.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import { nodeSpecs, taskSpec } from '../../core/model/task-spec.ts'
import { unmetNeed } from '../../core/model/unmet-needs.ts'
import { demandOf } from '../../core/scheduling/demand.ts'
import { runBoundMs } from '../../core/scheduling/run-bound.ts'
import type { PresentQueue, RunningWork, WaitingWork, Work } from '../../core/simulation/present-state.ts'
import { mayBePlaced } from './explain-target.ts'
import type { Turn } from './job-scan.ts'
import type { QueueState } from './queue-state.ts'
import { type Waits, waitingJobs } from './waiting-jobs.ts'

/** Jobs looked at in one turn: others are served between two of them. */
const jobsPerTurn = 200

/** Whether a job is set aside until there is more of a consumable resource. */
type IsSetAside = (seq: number) => boolean

/** What the queue is, for a simulation that begins from it. */
export class PresentQueueReader {
  private readonly state: QueueState
  private readonly turn: Turn
  private readonly works: Work[] = []
  private readonly numbers = new Map<string, number>()
  private looked = 0

  constructor(state: QueueState, turn: Turn) {
    this.state = state
    this.turn = turn
  }

  /** `asked`: a job that waits and is to be among those told. `now`: epoch ms. */
  async read(isSetAside: IsSetAside, now: number, asked?: Job): Promise<PresentQueue> {
    const { state, works } = this
    const { number, name, priority, environments, schedulingSettings } = state.config
    const { fair } = state.allocations
    const waiting = await this.waiting(isSetAside, now, asked)
    const running = await this.running()
    const typicalMs = state.estimates.typical
    return {
      number,
      name,
      priority,
      environments: environments.map((environment) => environment.number),
      ...(schedulingSettings ? { schedulingSettings } : {}),
      ...(fair ? { fairsharePolicy: fair.policy, usage: fair.pack(now) } : {}),
      works,
      ...waiting,
      running,
      ...(typicalMs === undefined ? {} : { typicalMs }),
    }
  }

  private async waiting(isSetAside: IsSetAside, now: number, asked: Job | undefined) {
    const { jobs, isCut, waitForConsumables } = this.firstThatWait(isSetAside, now)
    const waiting: WaitingWork[] = []
    let left: number = limits.simulatedAttempts
    for (const job of jobs) {
      await this.lookedAt()
      if (left === 0) break
      const told = this.waitingWork(job, left)
      left -= told.count
      waiting.push(told)
    }
    if (asked && !waiting.some(({ seq }) => seq === asked.seq))
      waiting.push(this.waitingWork(asked, limits.simulatedAttempts))
    return { waiting, isCut: isCut || left === 0, waitForConsumables }
  }

  /** In one turn: the walk through shares is the queue's own, and its next tick goes through it too. */
  private firstThatWait(isSetAside: IsSetAside, now: number) {
    const jobs: Job[] = []
    let waitForConsumables = 0
    for (const job of waitingJobs(this.state, now, this.mayRun)) {
      if (jobs.length + waitForConsumables === limits.simulatedJobs)
        return { jobs, isCut: true, waitForConsumables }
      if (isSetAside(job.seq)) waitForConsumables++
      else jobs.push(job)
    }
    return { jobs, isCut: false, waitForConsumables }
  }

  private waitingWork(job: Job, most: number): WaitingWork {
    const { seq, priority, array } = job
    const plain = {
      seq,
      work: this.workOf(job),
      share: this.state.ready.shareName(job.share),
      priority,
    }
    if (!array) return { ...plain, count: 1, atOnce: 1 }
    const { children } = this.state.mirror(job)
    const { RUNNABLE, PENDING } = children.summary()
    const count = Math.min(most, array.sequential ? RUNNABLE + PENDING : RUNNABLE)
    const isBounded = array.sequential || array.maxConcurrency !== undefined
    return { ...plain, count, atOnce: isBounded ? Math.min(count, startableOf(children, count)) : count }
  }

  /** Jobs of which attempts are placed. */
  private async running(): Promise<RunningWork[]> {
    const { allocations, deployment, ready } = this.state
    const seqs = new Set<number>()
    for (const [attemptId] of allocations.attempts()) {
      const key = parseAttemptId(attemptId, deployment.salt)
      if (key) seqs.add(key.seq)
    }
    const running: RunningWork[] = []
    for (const seq of seqs) {
      await this.lookedAt()
      const job = this.state.loadJob(seq)
      if (!job) continue
      const { priority, share } = job
      running.push({ seq, work: this.workOf(job), share: ready.shareName(share), priority })
    }
    return running
  }

  /** An array whose children are held back by those that run waits too. */
  private readonly mayRun: Waits = (job) => {
    if (!job.array) return job.progress.state === 'RUNNABLE'
    const { RUNNABLE, PENDING } = this.state.mirror(job).children.summary()
    return RUNNABLE > 0 || (job.array.sequential && PENDING > 0)
  }

  private workOf(job: Job): number {
    const { state, numbers, works } = this
    const kind = state.shapes.shapeOf(job)
    const known = numbers.get(kind)
    if (known !== undefined) return known
    const definition = state.jobs.definition(job.definition)
    const number = works.push(workFor(state, kind, definition, job.request, job.nodes)) - 1
    numbers.set(kind, number)
    return number
  }

  private async lookedAt(): Promise<void> {
    if (++this.looked % jobsPerTurn === 0) await this.turn()
  }
}

/** What a job runs. `kind`: its shape. */
export function workFor(
  state: QueueState,
  kind: string,
  definition: JobDefinition,
  request: JobRequest,
  nodes: NodeShape | undefined,
): Work {
  const learnedMs = state.estimates.of(kind, Number.POSITIVE_INFINITY)
  const never = unmetNeed(definition.body)
  const learned = Number.isFinite(learnedMs) ? { learnedMs } : {}
  const also = { ...learned, ...(never === undefined ? {} : { never }) }
  if (never !== undefined) return { kind, demands: [], boundMs: Number.POSITIVE_INFINITY, ...also }
  if (!nodes) {
    const spec = taskSpec(definition, request)
    return { kind, demands: [demandOf(spec)], boundMs: runBoundMs(spec), ...also }
  }
  const { specs, kindOf } = nodeSpecs(definition, request)
  const main = specs[kindOf[nodes.main]!]!
  const others = kindOf.filter((_, node) => node !== nodes.main).map((of) => demandOf(specs[of]!))
  return { kind, demands: [demandOf(main), ...others], boundMs: runBoundMs(main), ...also }
}

/** A job that waits to be placed, by its id. */
export function waitingTarget(state: QueueState, named: JobTarget, text: string): Outcome<Job> {
  if (named.index !== undefined || named.node !== undefined)
    return refused(`jobId: job ${text} is part of another, which is to be named instead`)
  const target = state.locate(named)
  const job = target && state.loadJob(target.seq)
  if (!job) return refused(`jobId: job ${text} does not exist`)
  if (mayBePlaced(state, job, target)) return accepted(job)
  return refused(`jobId: job ${text} is ${job.progress.state}: it does not wait to be placed`)
}

function startableOf(children: { startable(): Iterable<number> }, most: number): number {
  let count = 0
  for (const _ of children.startable()) if (++count >= most) break
  return count
}
