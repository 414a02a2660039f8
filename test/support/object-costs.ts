import { EnvironmentObject } from '../../src/objects/environment/environment-object.ts'
import { LogsObject } from '../../src/objects/logs/logs-object.ts'
import { QueueObject } from '../../src/objects/queue/queue-object.ts'
import { RegistryObject } from '../../src/objects/registry/registry-object.ts'
import type { TestDeployment, TestQueue } from './object-deployment.ts'

/** What work cost, in the units that are billed. */
export type Costs = {
  /** Rows written by queue and environment, index entries and settings of alarms among them. */
  rows: number
  /** Calls, connections and alarms of all objects, by name: `queue.submitJob`. */
  requests: Record<string, number>
  /** Messages that came in on agents' sockets. */
  messages: number
}

const objects = {
  queue: QueueObject,
  environment: EnvironmentObject,
  registry: RegistryObject,
  logs: LogsObject,
}
/** Methods that the platform does not bill as a request, or that only tests call. */
const notRequests = new Set([
  'constructor',
  'rowsWritten',
  'describeJobs',
  'describeHosts',
  'webSocketMessage',
  'webSocketClose',
  'webSocketError',
  'gone',
  'peer',
])

/** Counts what objects are asked and what they write, from now until `take`. */
export class CostMeter {
  private readonly deployment: TestDeployment
  private readonly queue: TestQueue
  private readonly requests = new Map<string, number>()
  private readonly undo: (() => void)[] = []
  private messages = 0
  private rows = 0

  static async start(deployment: TestDeployment, queue: TestQueue): Promise<CostMeter> {
    const meter = new CostMeter(deployment, queue)
    meter.rows = -(await meter.written())
    meter.watch()
    return meter
  }

  private constructor(deployment: TestDeployment, queue: TestQueue) {
    this.deployment = deployment
    this.queue = queue
  }

  /** Has `putToSleep` evict objects, without losing count of what they wrote. */
  async asleep(putToSleep: () => Promise<void>): Promise<void> {
    this.rows += await this.written()
    await putToSleep()
  }

  async soFar(): Promise<Costs> {
    const rows = this.rows + (await this.written())
    return { rows, requests: Object.fromEntries(this.requests), messages: this.messages }
  }

  /** Ends the count. */
  async take(): Promise<Costs> {
    const costs = await this.soFar()
    for (const restore of this.undo) restore()
    return costs
  }

  private async written(): Promise<number> {
    return (await this.queue.stub().rowsWritten()) + (await this.deployment.environment().rowsWritten())
  }

  private watch(): void {
    for (const [object, { prototype }] of Object.entries(objects))
      for (const method of Object.getOwnPropertyNames(prototype))
        if (!notRequests.has(method))
          this.spy(prototype, method, () => {
            const name = `${object}.${method}`
            this.requests.set(name, (this.requests.get(name) ?? 0) + 1)
          })
    this.spy(EnvironmentObject.prototype, 'webSocketMessage', () => this.messages++)
  }

  private spy(prototype: object, method: string, seen: () => void): void {
    const methods = prototype as Record<string, (...parameters: unknown[]) => unknown>
    const original = methods[method]!
    methods[method] = function (...parameters) {
      seen()
      return original.apply(this, parameters)
    }
    this.undo.push(() => {
      methods[method] = original
    })
  }
}

export function objectRequests({ requests }: Costs): number {
  return Object.values(requests).reduce((total, count) => total + count, 0)
}

/**
 * Requests in the design's unit, one HTTP request at $0.45 a million: the Worker's own $0.30, $0.15 for each request
 * to an object, a twentieth of that for each message on a socket.
 */
export function httpRequestEquivalents(costs: Costs, workerRequests: number): number {
  return (0.3 * workerRequests + 0.15 * (objectRequests(costs) + costs.messages / 20)) / 0.45
}
