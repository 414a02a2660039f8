/**
 * The variables AWS Batch gives one attempt beyond the job's own (user guide, "Job environment variables").
 * Children of an array get their index and the array's size.
 */
export function attemptEnvironment(attempt: {
  jobId: string
  attempt: number
  queueName: string
  environmentName: string
  array?: { index: number; size: number }
}): Record<string, string> {
  return {
    AWS_BATCH_JOB_ID: attempt.jobId,
    AWS_BATCH_JOB_ATTEMPT: String(attempt.attempt),
    AWS_BATCH_JQ_NAME: attempt.queueName,
    AWS_BATCH_CE_NAME: attempt.environmentName,
    ...(attempt.array
      ? {
          AWS_BATCH_JOB_ARRAY_INDEX: String(attempt.array.index),
          AWS_BATCH_JOB_ARRAY_SIZE: String(attempt.array.size),
        }
      : {}),
  }
}
