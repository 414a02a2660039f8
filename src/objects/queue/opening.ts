import type { QueueConfig } from '../../core/model/queue.ts'
import type { EnvironmentSessions } from './environment-sessions.ts'
import type { QueuePorts } from './queue-ports.ts'
import type { QueueState } from './queue-state.ts'

/** What a queue's object has to know before it can answer, found out when it is first asked. */
export class Opening {
  private readonly ports: QueuePorts
  private readonly state: QueueState
  private readonly sessions: EnvironmentSessions
  private readonly configure: (config: QueueConfig) => Promise<void>
  private opening: Promise<void> | undefined

  constructor(
    ports: QueuePorts,
    state: QueueState,
    sessions: EnvironmentSessions,
    configure: (config: QueueConfig) => Promise<void>,
  ) {
    this.ports = ports
    this.state = state
    this.sessions = sessions
    this.configure = configure
  }

  /** Asks the Registry once where this object has no configuration: a delivery may have been lost. */
  async isConfigured(): Promise<boolean> {
    if (this.state.configured) return true
    const config = await this.ports.registry.queueConfig(this.ports.number)
    if (config && !this.state.configured) await this.configure(config)
    return this.state.configured
  }

  /** Configured, and told by the environments what is placed: only then are STARTING jobs known as such. */
  async isOpen(): Promise<boolean> {
    if (!(await this.isConfigured())) return false
    this.opening ??= this.sessions.open().catch((error) => {
      console.error(`queue ${this.ports.number}: an environment does not answer:`, error)
    })
    await this.opening
    return true
  }
}
