import { isTerminal } from '../model/job.ts'
import type { Progress } from '../model/progress.ts'
import { attemptNumber } from './job-lifecycle.ts'

/**
 * What is to become of the consumable resources an attempt holds: kept while it is in progress, given back once it is
 * over (`used` where there was an attempt, even one that failed to start, as on AWS), and `undecided` for one that
 * waits: it is to hold nothing, unless it is placed and nobody has told yet.
 */
export type HolderFate = 'kept' | 'undecided' | 'used' | 'unused'

/** `progress` is that of the attempt's job or array child, undefined where there is none any more. */
export function holderFate(progress: Progress | undefined, attempt: number): HolderFate {
  if (!progress) return 'used'
  if (progress.attempts.length >= attempt) return 'used'
  if (isTerminal(progress.state) || attempt !== attemptNumber(progress)) return 'unused'
  return progress.state === 'STARTING' || progress.state === 'RUNNING' ? 'kept' : 'undecided'
}
