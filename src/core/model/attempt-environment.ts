/**
 * The variables AWS Batch gives one attempt beyond the job's own (user guide, "Job environment variables").
 * Children of an array get their index and the array's size, nodes their index, how many they are, and which is the main
 * one (whose address the others get when they start).
 */
export function attemptEnvironment(attempt: {
  jobId: string
  attempt: number
  queueName: string
  environmentName: string
  array?: { index: number; size: number }
  nodes?: { index: number; count: number; main: number }
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
    ...(attempt.nodes
      ? {
          AWS_BATCH_JOB_NODE_INDEX: String(attempt.nodes.index),
          AWS_BATCH_JOB_NUM_NODES: String(attempt.nodes.count),
          AWS_BATCH_JOB_MAIN_NODE_INDEX: String(attempt.nodes.main),
        }
      : {}),
  }
}
