import { describe, expect, it } from 'vitest'
import { attemptEnvironment } from '../../../src/core/model/attempt-environment.ts'

const attempt = { jobId: 'id', attempt: 2, queueName: 'q', environmentName: 'e' }
const single = {
  AWS_BATCH_JOB_ID: 'id',
  AWS_BATCH_JOB_ATTEMPT: '2',
  AWS_BATCH_JQ_NAME: 'q',
  AWS_BATCH_CE_NAME: 'e',
}

describe('attemptEnvironment', () => {
  it('names job, attempt, queue and environment', () => {
    expect(attemptEnvironment(attempt)).toEqual(single)
  })

  it('tells a child of an array its index, from 0, and the size', () => {
    expect(attemptEnvironment({ ...attempt, jobId: 'id:0', array: { index: 0, size: 7 } })).toEqual({
      ...single,
      AWS_BATCH_JOB_ID: 'id:0',
      AWS_BATCH_JOB_ARRAY_INDEX: '0',
      AWS_BATCH_JOB_ARRAY_SIZE: '7',
    })
  })
})
