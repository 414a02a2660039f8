import type { BatchHttp } from './batch-http.ts'

/** A queue on an environment without hosts: what is submitted there is accepted and waits. Resolves with its name. */
export async function hostlessQueue(http: BatchHttp, name = 'hostless'): Promise<string> {
  await http.call('/v1/createcomputeenvironment', { computeEnvironmentName: name, type: 'UNMANAGED' })
  await http.call('/v1/createjobqueue', {
    jobQueueName: name,
    priority: 1,
    computeEnvironmentOrder: [{ order: 1, computeEnvironment: name }],
  })
  return name
}
