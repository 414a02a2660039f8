import { queueStub, registryStub } from '../../bindings.ts'
import { limits } from '../../core/limits.ts'
import { resourceName } from '../../core/model/deployment.ts'
import { type Outcome, refused } from '../../core/model/outcome.ts'
import type { QueueRpc } from '../../objects/queue/queue-rpc.ts'
import type { ApiContext } from '../operation.ts'

/** Numbers of queues asked for before, per isolate. What it says may be out of date. */
const routes = new Map<string, number>()

/**
 * Calls the queue that a client names by name or ARN. A call that is refused on a remembered route is tried once more
 * if the name has come to mean another queue since.
 */
export async function callQueue<Value>(
  context: ApiContext,
  nameOrArn: string,
  call: (queue: QueueRpc, name: string) => Promise<Outcome<Value>>,
): Promise<Outcome<Value>> {
  const { env, deployment } = context
  const name = resourceName(deployment, 'job-queue', nameOrArn)
  if (name === undefined) return missingQueue(nameOrArn)
  const route = `${deployment.salt}/${name}`
  const remembered = routes.get(route)
  if (remembered !== undefined) {
    const outcome = await call(queueStub(env, remembered), name)
    if (outcome.ok) return outcome
    const current = await registryStub(env).queueNumber(name)
    if (current === remembered) return outcome
    routes.delete(route)
  }
  const number = await registryStub(env).queueNumber(name)
  if (number === undefined) return missingQueue(nameOrArn)
  if (routes.size >= limits.queues) routes.clear()
  routes.set(route, number)
  return call(queueStub(env, number), name)
}

function missingQueue(nameOrArn: string) {
  return refused(`jobQueue: job queue ${nameOrArn} does not exist`)
}
