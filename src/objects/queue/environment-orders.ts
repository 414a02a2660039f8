import type { EnvironmentRpc } from '../environment/environment-rpc.ts'
import { nodeAttemptId, startRequest } from './gang-requests.ts'
import type { EnvironmentOrder, NodeAttempts } from './queue-ledger.ts'
import type { QueueState } from './queue-state.ts'

type Stop = { attemptId: string; reason: string }

/** Gives an environment the queue's orders, one after the other; orders of one kind that follow each other go together. */
export async function deliverOrders(
  state: QueueState,
  number: number,
  environment: Pick<EnvironmentRpc, 'stopAttempts' | 'startNodes' | 'stopNodes'>,
  orders: EnvironmentOrder[],
): Promise<void> {
  const name = state.config.environments.find((entry) => entry.number === number)?.name ?? ''
  let stops: Stop[] = []
  const sendStops = async () => {
    if (stops.length > 0) await environment.stopAttempts(stops)
    stops = []
  }
  for (const order of orders) {
    if ('attemptId' in order) {
      stops.push(order)
      continue
    }
    await sendStops()
    if ('start' in order) {
      const request = startRequest(state, name, order.start)
      if (request) await environment.startNodes(request)
    } else await environment.stopNodes(nodeStops(state, order.stop, order.reason))
  }
  await sendStops()
}

function nodeStops(state: QueueState, { seq, attempt, nodes }: NodeAttempts, reason: string): Stop[] {
  return nodes.map((node) => ({ attemptId: nodeAttemptId(state, seq, node, attempt), reason }))
}
