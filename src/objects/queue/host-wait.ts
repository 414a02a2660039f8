import type { QueueEnvironment } from '../../core/model/queue.ts'
import { pendingReason, type Standing } from '../../core/scheduling/pending-reason.ts'

/** How the queue's environments last said they stand; memory only, and told anew with every answer of theirs. */
export class HostWait {
  private readonly standings = new Map<number, Standing>()

  note(environment: number, standing: Standing): void {
    this.standings.set(environment, standing)
  }

  /** It has changed: until it is asked again nothing is said of it. */
  forget(environment: number): void {
    this.standings.delete(environment)
  }

  /** Why every waiting job of the queue waits, if that is so. */
  reason(environments: QueueEnvironment[]): string | undefined {
    return pendingReason(
      environments.map(({ number, name }) => ({ name, standing: this.standings.get(number) })),
    )
  }
}
