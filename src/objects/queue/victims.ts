import { Reclaims } from '../../core/scheduling/reclaims.ts'
import { useOf } from '../../core/scheduling/share-usage.ts'
import type { PlaceRequest, ShareExcess } from '../environment/environment-rpc.ts'
import { nextAttempt } from './next-attempt.ts'
import type { Candidate } from './place-request.ts'
import type { QueueState } from './queue-state.ts'

/** Attempts of one share that an environment is told of as such that may make room: the youngest. */
const mostNamed = 128

type Standing = { holds: number; here: [attemptId: string, cost: number][] }

/**
 * Where the queue's shares may reclaim from each other: says in a request to place which of its asks may have room from
 * whom. An ask may while its share would have no more than it is entitled to, from shares that have more. What is making
 * room already counts as gone from its share, and as there for the others. `now`: epoch ms.
 */
export function addReclaims(
  state: QueueState,
  environment: number,
  request: PlaceRequest,
  candidates: readonly Candidate[],
  now: number,
): void {
  const { fair } = state.allocations
  if (!fair || !state.config.schedulingSettings?.preemption?.includes('SHARES')) return
  const { standings, total } = standingsOf(state, environment)
  const waiting = new Set(candidates.map(({ job }) => state.ready.shareName(job.share)))
  for (const { share } of state.order.shares())
    if (!waiting.has(share) && waits(state, share)) waiting.add(share)
  const holds = new Map([...standings].map(([share, standing]) => [share, standing.holds]))
  const reclaims = new Reclaims(fair, holds, waiting, fair.mostHeld(total, now))
  const reclaiming = candidates.filter(({ job }) =>
    reclaims.take(state.ready.shareName(job.share), fair.measure(useOf(state.shapes.resourcesOf(job)))),
  )
  const excess = [...reclaims.excess].flatMap(([share, over]): ShareExcess[] => {
    const attempts = standings.get(share)!.here.slice(-mostNamed)
    return attempts.length > 0 ? [{ excess: over, attempts }] : []
  })
  if (reclaiming.length === 0 || excess.length === 0) return
  const attemptIds = new Set(reclaiming.map(({ attemptId }) => attemptId))
  for (const ask of request.asks) if (attemptIds.has(ask.attemptId)) ask.reclaims = true
  request.excess = excess
}

/** Whether a share has something to ask for: an array whose children are all on their way has not. */
function waits(state: QueueState, share: string): boolean {
  for (const { seq } of state.order.of(state.ready.numberOf(share) ?? -1)) {
    const job = state.loadJob(seq)
    if (!job?.ready) continue
    const indexes = job.array ? state.mirror(job).children.startable() : [undefined]
    for (const index of indexes) if (!state.isStarting(nextAttempt(state, job, index).attemptId)) return true
  }
  return false
}

/** What each share holds for longer, and what of it in one environment; `total`: what all hold, those that make room too. */
function standingsOf({ allocations }: QueueState, environment: number) {
  const standings = new Map<string, Standing>()
  let total = 0
  for (const [attemptId, held] of allocations.attempts()) {
    const cost = allocations.fair!.measure(held.use)
    total += cost
    if (held.makesRoom) continue
    const standing = standings.get(held.share) ?? { holds: 0, here: [] }
    standings.set(held.share, standing)
    standing.holds += cost
    if (held.environment === environment) standing.here.push([attemptId, cost])
  }
  return { standings, total }
}
