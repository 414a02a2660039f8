import { decideTags } from '../../core/decisions/change-tags.ts'
import type { JobTarget } from '../../core/model/ids.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { TagChange, Tags } from '../../core/model/tags.ts'
import type { QueueState } from './queue-state.ts'

/** The tags of a job, ended ones included. Children of an array have none of their own. */
export function jobTags(state: QueueState, target: JobTarget): Outcome<Tags> {
  const job = target.index === undefined ? state.jobs.loadJob(target.seq) : undefined
  return job ? accepted(job.request.tags ?? {}) : unknownJob
}

/** Part of a commit. */
export function changeJobTags(
  state: QueueState,
  target: JobTarget,
  change: TagChange,
): Outcome<Record<string, never>> {
  const now = jobTags(state, target)
  if (!now.ok) return now
  const tags = decideTags(now.value, change)
  if (!tags.ok) return tags
  state.jobs.saveTags(target.seq, tags.value)
  return accepted({})
}

const unknownJob = refused('resourceArn: the job does not exist or cannot have tags')
