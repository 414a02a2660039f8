import { entitlements } from '../scheduling/entitlements.ts'
import type { Starts } from './simulate.ts'
import type { TraceJob } from './trace-job.ts'

/** How far what shares received was from what they were entitled to, while there was not enough for all. */
export type Fairness = {
  /**
   * At each moment, over all: the sum of |received − entitled| over twice what shares were entitled to; 0 is perfect.
   * Undefined where there was always enough.
   */
  misallocation: number | undefined
  /** The same with what was received and entitled to summed up in each window first, in order; undefined as above. */
  windows: (number | undefined)[]
  /** The same over all such windows together. */
  overWindows: number | undefined
}

export type FairnessOptions = {
  capacity: number
  sizeOf: (job: TraceJob) => number
  /** The larger the more a share may have. */
  weightOf?: (share: string) => number
  windowMs: number
}

type Share = { weight: number; running: number; waiting: number; received: number; entitled: number }
type Sum = { error: number; entitled: number }

/**
 * Measures a simulated trace against weighted max-min fairness: at each moment a share is entitled to what water-filling
 * gives it of the capacity, its own demand (waiting and running) being the most it can have.
 */
export function measureFairness(
  jobs: readonly TraceJob[],
  starts: Starts,
  options: FairnessOptions,
): Fairness {
  const shares = new Map<string, Share>()
  const moments: Sum = { error: 0, entitled: 0 }
  const windows: Sum[] = []
  let at = jobs[0]?.submitAt ?? 0
  let windowEnd = at + options.windowMs
  const closeWindow = () => {
    windows.push(settle(shares))
    windowEnd += options.windowMs
  }
  for (const change of changesOf(jobs, starts)) {
    while (change.at >= windowEnd) {
      pass(shares, options.capacity, windowEnd - at, moments)
      at = windowEnd
      closeWindow()
    }
    pass(shares, options.capacity, change.at - at, moments)
    at = change.at
    const share = shares.get(change.job.share) ?? newShare(options.weightOf?.(change.job.share) ?? 1)
    shares.set(change.job.share, share)
    share.waiting += change.waiting * options.sizeOf(change.job)
    share.running += change.running * options.sizeOf(change.job)
  }
  closeWindow()
  const all = windows.reduce((sum, { error, entitled }) => ({
    error: sum.error + error,
    entitled: sum.entitled + entitled,
  }))
  return { misallocation: ratio(moments), windows: windows.map(ratio), overWindows: ratio(all) }
}

type Change = { at: number; job: TraceJob; waiting: number; running: number }

function changesOf(jobs: readonly TraceJob[], starts: Starts): Change[] {
  const changes = jobs.flatMap((job): Change[] => {
    const start = starts[job.id]
    const submitted = { at: job.submitAt, job, waiting: 1, running: 0 }
    if (start === undefined) return [submitted]
    return [
      submitted,
      { at: start, job, waiting: -1, running: 1 },
      { at: start + job.runMs, job, waiting: 0, running: -1 },
    ]
  })
  return changes.sort((a, b) => a.at - b.at)
}

/** Counts `ms` during which nothing changes; time when there is enough for all does not count. */
function pass(shares: Map<string, Share>, capacity: number, ms: number, moments: Sum): void {
  if (ms <= 0) return
  const parties = [...shares.values()].filter(({ running, waiting }) => running + waiting > 0)
  const demand = parties.reduce((sum, { running, waiting }) => sum + running + waiting, 0)
  if (demand <= capacity) return
  const entitled = entitlements(
    capacity,
    parties.map(({ weight, running, waiting }) => ({ weight, demand: running + waiting })),
  )
  for (const [i, share] of parties.entries()) {
    share.received += share.running * ms
    share.entitled += entitled[i]! * ms
    moments.error += Math.abs(share.running - entitled[i]!) * ms
    moments.entitled += entitled[i]! * ms
  }
}

function settle(shares: Map<string, Share>): Sum {
  const sum = { error: 0, entitled: 0 }
  for (const share of shares.values()) {
    sum.error += Math.abs(share.received - share.entitled)
    sum.entitled += share.entitled
    share.received = 0
    share.entitled = 0
  }
  return sum
}

function ratio({ error, entitled }: Sum): number | undefined {
  return entitled > 0 ? error / (2 * entitled) : undefined
}

function newShare(weight: number): Share {
  return { weight, running: 0, waiting: 0, received: 0, entitled: 0 }
}
