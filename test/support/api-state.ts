import { expect } from 'vitest'
import type { Server } from './server.ts'

/** Asks a server for one operation by its path's last segment, as the admin; expects an answer. */
export async function callBatch(server: Server, operation: string, input: object): Promise<object> {
  const { status, body } = await postBatch<object>(server, operation, input)
  expect(status, JSON.stringify(body)).toBe(200)
  return body
}

/** The same, whatever the answer. */
export async function postBatch<Body>(
  server: Server,
  operation: string,
  input: object,
): Promise<{ status: number; body: Body }> {
  const response = await fetch(`${server.url}/v1/${operation}`, {
    method: 'POST',
    headers: adminHeaders(server),
    body: JSON.stringify(input),
  })
  return { status: response.status, body: (await response.json()) as Body }
}

export function adminHeaders({ token }: Pick<Server, 'token'>): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}

/** What clients can see of a deployment: its catalogue, and the jobs of these queues. */
export async function visibleState(server: Server, queues: string[]): Promise<unknown> {
  const states = ['SUBMITTED', 'PENDING', 'RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED']
  const lists = queues.flatMap((jobQueue) => states.map((jobStatus) => ({ jobQueue, jobStatus })))
  return {
    environments: await callBatch(server, 'describecomputeenvironments', {}),
    queues: await callBatch(server, 'describejobqueues', {}),
    definitions: await callBatch(server, 'describejobdefinitions', {}),
    policies: await callBatch(server, 'listschedulingpolicies', {}),
    resources: await callBatch(server, 'listconsumableresources', {}),
    jobs: await Promise.all(lists.map((list) => callBatch(server, 'listjobs', list))),
  }
}
