import type { Job } from '../../core/model/job-record.ts'
import type { Lack } from '../../core/scheduling/lack.ts'
import type { QueueState } from './queue-state.ts'
import type { Tick } from './tick.ts'

/** Why a job that waits cannot be placed now; undefined where it may just not have been its turn. */
export type WaitReason = (job: Job) => string | undefined

/** Why a waiting job was not placed by the last tick, in short; undefined where it may just not have been its turn. */
export function waitText(state: QueueState, tick: Tick, job: Job | undefined): string | undefined {
  if (!job?.ready) return undefined
  const limit = tick.shareReasons.get(job.share) ?? tick.queueReason
  if (limit !== undefined) return limit
  const refusal = tick.refused(state.shapes.shapeOf(job))
  if (!refusal) return undefined
  const { short, reservedAt } = refusal
  const lacks = short.length > 0 ? `: the host that comes closest has ${short.map(lackText).join(', ')}` : ''
  const kept =
    reservedAt === undefined ? '' : `; room is kept for it, free by ${new Date(reservedAt).toISOString()}`
  return `CAPACITY:BUSY - No host has room now${lacks}${kept}`
}

function lackText({ what, wanted, available }: Lack): string {
  return `${available} of ${wanted} ${what}`
}
