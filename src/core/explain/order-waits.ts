import type { OrderStanding, Wait } from '../model/explanation.ts'

/** The wait for the job's turn, where others stand before it. */
export function orderWaits(order: OrderStanding | undefined): Wait[] {
  if (!order || (order.jobsAhead === 0 && (order.share?.rank ?? 1) === 1)) return []
  const { jobsAhead, jobsAheadIsAtLeast, schedulingPriority, share } = order
  const ahead = `${jobsAheadIsAtLeast ? 'at least ' : ''}${jobsAhead} ${jobsAhead === 1 ? 'job stands' : 'jobs stand'} before it`
  if (!share)
    return [
      {
        kind: 'ORDER',
        text: `${ahead} in the queue: those of a higher priority than ${schedulingPriority}, retried ones, and older ones of its own`,
        remedy: 'Wait for them to be placed; a job with a higher scheduling priority goes before them',
      },
    ]
  const { shareIdentifier, weightFactor, rank, activeShares } = share
  return [
    {
      kind: 'ORDER',
      text: `${ahead} in its share; ${shareIdentifier} is number ${rank} of ${activeShares} active ones by what each has used for its weight (weightFactor ${weightFactor})`,
      remedy: `Wait for the use of ${shareIdentifier} to decay or to fall; a lower weightFactor gives the share more`,
    },
  ]
}
