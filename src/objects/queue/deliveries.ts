import { Outbox } from '../../runtime/outbox.ts'
import type { Timers } from '../../runtime/timers.ts'
import { deliverOrders } from './environment-orders.ts'
import type { OutboxMessage } from './queue-ledger.ts'
import type { QueuePorts } from './queue-ports.ts'
import type { QueueRpc } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'

/** What a queue says to other queues and to environments: kept from the commit that made it until it is acknowledged. */
export class Deliveries {
  private readonly ports: QueuePorts
  private readonly state: QueueState
  private readonly outbox: Outbox
  private readonly own: Pick<QueueRpc, 'deliver'>

  /** `own`: the queue itself, which hears from itself what one commit had no room for. */
  constructor(ports: QueuePorts, state: QueueState, timers: Timers, own: Pick<QueueRpc, 'deliver'>) {
    this.ports = ports
    this.own = own
    this.state = state
    this.outbox = new Outbox(ports.sql, ports.clock, timers)
    if (this.outbox.undelivered() > 0) this.drain()
  }

  /** Keeps messages, in the transaction of what they tell of. */
  add(messages: readonly OutboxMessage[]): void {
    for (const { to, number, message } of messages)
      this.outbox.add(`${to}/${number}`, JSON.stringify(message))
  }

  /** Sends what is kept, soon; after a failure by itself again. */
  drain(): void {
    this.ports.scheduler.later(0, () =>
      this.outbox.drain(async (destination, bodies) => {
        const [kind, number] = destination.split('/')
        const to = Number(number)
        const messages = bodies.map((body) => JSON.parse(body))
        if (kind === 'queue') await this.queue(to).deliver(messages)
        else await deliverOrders(this.state, to, this.ports.environment(to), messages)
      }),
    )
  }

  private queue(number: number): Pick<QueueRpc, 'deliver'> {
    return number === this.ports.number ? this.own : this.ports.queue(number)
  }
}
