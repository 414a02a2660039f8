import { limits } from '../../core/limits.ts'
import type { QueueEnvironment } from '../../core/model/queue.ts'
import { loadSetting, saveSetting } from '../../runtime/settings.ts'
import type { Sql } from '../../runtime/sql.ts'

const key = 'former-environments'

type Former = QueueEnvironment & {
  /** It may still hold attempts of the queue, and must be asked for them when the queue's object starts anew. */
  mayHold: boolean
}

/** Environments that stood in the queue's order once: attempts placed there go on, and ended ones name them. */
export class FormerEnvironments {
  private readonly sql: Sql
  private known: Former[]

  constructor(sql: Sql) {
    this.sql = sql
    this.known = loadSetting(sql, key) ?? []
  }

  /** The order has changed. Part of that transaction; what it returns is to be called once that is committed. */
  orderChanged(before: QueueEnvironment[], after: QueueEnvironment[]): () => void {
    const isCurrent = ({ number }: QueueEnvironment) => after.some((entry) => entry.number === number)
    const left = before.filter((environment) => !isCurrent(environment))
    const isLeft = ({ number }: QueueEnvironment) => left.some((entry) => entry.number === number)
    const kept = this.known.filter((environment) => !isCurrent(environment) && !isLeft(environment))
    if (left.length === 0 && kept.length === this.known.length) return () => undefined
    const next = [...kept, ...left.map((environment) => ({ ...environment, mayHold: true }))]
    const bounded = next.slice(-limits.formerEnvironments)
    saveSetting(this.sql, key, bounded)
    return () => {
      this.known = bounded
    }
  }

  /** Numbers of those that must be asked what they hold. */
  mayHold(): number[] {
    return this.known.filter(({ mayHold }) => mayHold).map(({ number }) => number)
  }

  /** It has been asked and holds nothing; as it is given nothing new, it never will. */
  holdsNothing(number: number): void {
    if (!this.mayHold().includes(number)) return
    this.known = this.known.map((entry) => (entry.number === number ? { ...entry, mayHold: false } : entry))
    this.sql.transaction(() => saveSetting(this.sql, key, this.known))
  }

  nameOf(number: number): string | undefined {
    return this.known.find((entry) => entry.number === number)?.name
  }
}
