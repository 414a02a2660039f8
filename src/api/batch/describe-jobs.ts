import { queueStub } from '../../bindings.ts'
import { type JobTarget, parseJobId } from '../../core/model/ids.ts'
import type { JobView } from '../../core/model/job.ts'
import { accepted } from '../../core/model/outcome.ts'
import type { ApiContext } from '../operation.ts'
import { batchOperation } from './batch-operation.ts'
import { jobDetail } from './job-detail.ts'

/** Answers in the order asked; ids that name nothing are left out. */
export const describeJobs = batchOperation('DescribeJobs', async (context, input) => {
  const targets = input.jobs.flatMap((id) => parseJobId(id, context.deployment.salt) ?? [])
  const views = await viewsOf(context, targets)
  return accepted({ jobs: views.map((view) => jobDetail(context.deployment, view)) })
})

/** One request to each queue that is named, whatever the number of its jobs. */
async function viewsOf({ env }: ApiContext, targets: JobTarget[]): Promise<JobView[]> {
  const byQueue = Map.groupBy(targets, ({ queue }) => queue)
  const views = new Map<JobTarget, JobView | undefined>()
  await Promise.all(
    [...byQueue].map(async ([queue, asked]) => {
      const answers = await queueStub(env, queue).describeJobs(asked)
      asked.forEach((target, at) => {
        views.set(target, answers[at])
      })
    }),
  )
  return targets.flatMap((target) => views.get(target) ?? [])
}
