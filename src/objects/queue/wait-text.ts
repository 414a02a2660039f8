import { roomBeingMadeText } from '../../core/model/explanation.ts'
import type { Job } from '../../core/model/job-record.ts'
import type { Lack } from '../../core/scheduling/lack.ts'
import type { QueueState } from './queue-state.ts'
import type { ComingRoom, Tick } from './tick.ts'

/** Why a job that waits cannot be placed now; undefined where it may just not have been its turn. */
export type WaitReason = (job: Job) => string | undefined

/** Why a waiting job was not placed by the last tick, in short; undefined where it may just not have been its turn. */
export function waitText(state: QueueState, tick: Tick, job: Job | undefined): string | undefined {
  if (!job?.ready) return undefined
  const limit = tick.shareReasons.get(job.share) ?? state.order.limitOf(job.share) ?? tick.queueReason
  if (limit !== undefined) return limit
  const refusal = tick.refused(state.shapes.shapeOf(job))
  if (!refusal) return undefined
  const { short } = refusal
  const lacks = short.length > 0 ? `: the host that comes closest has ${short.map(lackText).join(', ')}` : ''
  return `CAPACITY:BUSY - No host has room now${lacks}${comingText(tick.comingFor(job.seq))}`
}

function comingText({ reservedAt, roomBeingMade }: ComingRoom): string {
  if (roomBeingMade)
    return `; ${roomBeingMadeText(roomBeingMade.attempts)}, by ${timeText(roomBeingMade.by)} at the latest`
  return reservedAt === undefined ? '' : `; room is kept for it, free by ${timeText(reservedAt)}`
}

function timeText(at: number): string {
  return new Date(at).toISOString()
}

function lackText({ what, wanted, available }: Lack): string {
  return `${available} of ${wanted} ${what}`
}
