import { setTimeout as sleep } from 'node:timers/promises'
import { CliError } from './cli-error.ts'

const healthDeadlineMs = 30_000

/** Waits until the server at `url` answers. Throws CliError if it does not within half a minute. */
export async function waitUntilHealthy(url: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + healthDeadlineMs
  while (!(await isHealthy(url, signal))) {
    signal.throwIfAborted()
    if (performance.now() > deadline) throw new CliError(`the server at ${url} does not answer`)
    await sleep(25, undefined, { signal })
  }
}

async function isHealthy(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(2_000)]),
    })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

/** Creates the environment `local` for hosts that people bring, and the queue `default` on it, where they are missing. */
export async function provision(url: string, token: string, signal: AbortSignal): Promise<void> {
  const call = (operation: string, input: object) => callBatch(url, token, operation, input, signal)
  const { computeEnvironments } = await call('describecomputeenvironments', {
    computeEnvironments: ['local'],
  })
  if (computeEnvironments?.length === 0) {
    await call('createcomputeenvironment', { computeEnvironmentName: 'local', type: 'UNMANAGED' })
  }
  const { jobQueues } = await call('describejobqueues', { jobQueues: ['default'] })
  if (jobQueues?.length === 0) {
    const computeEnvironmentOrder = [{ order: 1, computeEnvironment: 'local' }]
    await call('createjobqueue', { jobQueueName: 'default', priority: 1, computeEnvironmentOrder })
  }
}

type BatchReply = { computeEnvironments?: unknown[]; jobQueues?: unknown[]; message?: string }

async function callBatch(
  url: string,
  token: string,
  operation: string,
  input: object,
  signal: AbortSignal,
): Promise<BatchReply> {
  const response = await fetch(`${url}/v1/${operation}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
    signal,
  })
  const reply = (await response.json()) as BatchReply
  if (!response.ok) throw new CliError(`${operation} was refused: ${response.status} ${reply.message ?? ''}`)
  return reply
}
