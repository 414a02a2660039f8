import type { PresentQueue, PresentRun, WaitingWork, Work } from './present-state.ts'
import type { TraceJob } from './trace-job.ts'

/** How long an attempt is thought to run, and why so long: it was said, its kind did, others of the queue did, or nothing is known. */
export type RunTime = { ms: number; basis: RunTimeBasis }
export type RunTimeBasis = 'GIVEN' | 'LEARNED' | 'TYPICAL' | 'ASSUMED'

/** Jobs of one row of a queue. `later`: those that are submitted one by one as those before them end. */
export type Group = {
  queue: number
  seq: number
  work: Work
  runTime: RunTime
  first: TraceJob[]
  later: TraceJob[]
}

/** For how long attempts are thought to run. `assumedMs`: where nothing is known. */
export class RunTimes {
  private readonly assumedMs: number
  /** How many attempts only an assumption was made for. */
  assumed = 0

  constructor(assumedMs: number) {
    this.assumedMs = assumedMs
  }

  /** Never longer than the bound. `givenMs`: what somebody says. */
  of(queue: PresentQueue | undefined, work: Work | undefined, givenMs?: number): RunTime {
    const { boundMs = Number.POSITIVE_INFINITY, learnedMs } = work ?? {}
    const known = (ms: number, basis: RunTimeBasis) => ({ ms: Math.max(1, Math.min(ms, boundMs)), basis })
    if (givenMs !== undefined) return known(givenMs, 'GIVEN')
    if (learnedMs !== undefined) return known(learnedMs, 'LEARNED')
    if (queue?.typicalMs !== undefined) return known(queue.typicalMs, 'TYPICAL')
    this.assumed++
    return known(this.assumedMs, 'ASSUMED')
  }

  /**
   * When a run is thought to end, epoch ms. One that has run longer than thought is expected to run as long again as it
   * has: the longer a job has run the longer it may be thought to go on (Harchol-Balter and Downey 1997).
   */
  endOf({ endsBy, startedAt }: PresentRun, { ms }: RunTime, now: number): number {
    const elapsed = now - (startedAt ?? now)
    const left = ms > elapsed ? ms - elapsed : Math.max(1000, elapsed)
    return Math.max(now, Math.min(now + left, endsBy))
  }
}

/** What waits, as jobs of a trace that are submitted now, in the order of the queue. `nextId`: for each a new number. */
export function waitingGroup(
  queue: PresentQueue,
  { seq, work: at, share, priority, count, atOnce }: WaitingWork,
  runTime: RunTime,
  now: number,
  nextId: () => number,
): Group {
  const work = queue.works[at]!
  const jobs = Array.from({ length: count }, () => ({
    ...jobOf(work, runTime.ms, nextId()),
    submitAt: now,
    share,
    priority,
  }))
  return {
    queue: queue.number,
    seq,
    work,
    runTime,
    // What nothing can run is not even tried.
    first: work.never === undefined ? jobs.slice(0, atOnce) : [],
    later: work.never === undefined ? jobs.slice(atOnce) : jobs,
  }
}

/** One placement, or those of all nodes of a gang, as a job that runs. `of`: what is known of it. */
export function runningJob(
  runs: readonly PresentRun[],
  work: Work | undefined,
  of: { share: string; priority: number; runMs: number },
  id: number,
): TraceJob {
  const { boundMs = Number.POSITIVE_INFINITY, kind = '' } = work ?? {}
  const only = work?.demands.length === 1 && runs.length === 1
  const demands = only ? work.demands : runs.map(({ resources }) => ({ resources }))
  return { ...jobOf({ kind, boundMs, demands }, of.runMs, id), share: of.share, priority: of.priority }
}

function jobOf({ kind, demands, boundMs }: Work, runMs: number, id: number): TraceJob {
  return { id, submitAt: 0, runMs, boundMs, demands, share: '', kind, priority: 0 }
}
