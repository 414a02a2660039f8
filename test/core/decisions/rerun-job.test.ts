import { describe, expect, it } from 'vitest'
import { decideRerun } from '../../../src/core/decisions/rerun-job.ts'
import { IndexSet } from '../../../src/core/model/index-set.ts'
import type { JobRequest } from '../../../src/core/model/job.ts'
import { aJob, aProgress } from '../../support/builders.ts'

const failed = aProgress({ state: 'FAILED', stoppedAt: 1 })
const rerun = (request: JobRequest, indexes = IndexSet.dense(1), jobName?: string) =>
  decideRerun(aJob({ request, progress: failed }), 'five', jobName, () => indexes)

describe('decideRerun', () => {
  it('asks for a single job again, but not for what it waited for', () => {
    const request: JobRequest = { jobName: 'job', parameters: { a: '1' }, dependsOn: [{ jobId: 'x' }] }
    expect(rerun(request)).toEqual({
      ok: true,
      value: { request: { jobName: 'job', parameters: { a: '1' } } },
    })
    expect(rerun(request, undefined, 'again')).toMatchObject({ value: { request: { jobName: 'again' } } })
  })

  it('asks for the failed children of an array, in their order where they had one', () => {
    const indexes = new IndexSet([[3, 4]])
    const arrayProperties = { size: 10, indexes: '2-9', maxConcurrency: 2 }
    const dependsOn = [{ type: 'SEQUENTIAL' as const }, { jobId: 'x', type: 'N_TO_N' as const }]
    expect(rerun({ jobName: 'job', arrayProperties, dependsOn }, indexes)).toEqual({
      ok: true,
      value: {
        request: {
          jobName: 'job',
          dependsOn: [{ type: 'SEQUENTIAL' }],
          arrayProperties: { size: 10, maxConcurrency: 2 },
        },
        indexes,
      },
    })
  })

  it('asks for the whole array where all of it failed', () => {
    const outcome = rerun({ jobName: 'job', arrayProperties: { size: 3 } }, IndexSet.dense(3))
    expect(outcome).toEqual({
      ok: true,
      value: { request: { jobName: 'job', arrayProperties: { size: 3 } } },
    })
  })

  it.each([
    ['SUCCEEDED', 'jobId: job five has SUCCEEDED: there is nothing to run again'],
    ['RUNNING', 'jobId: job five has not ended: it is RUNNING'],
    ['PENDING', 'jobId: job five has not ended: it is PENDING'],
  ] as const)('refuses a job that is %s', (state, message) => {
    const job = aJob({ progress: aProgress({ state }) })
    expect(decideRerun(job, 'five', undefined, () => IndexSet.dense(1))).toMatchObject({
      refusal: { message },
    })
  })
})
