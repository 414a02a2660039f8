import type { Alarm } from './timers.ts'

/** The Alarm of a Durable Object. Setting it joins the transaction under way; each setting is billed as one row. */
export class DurableAlarm implements Alarm {
  private readonly storage: DurableObjectStorage
  private settings = 0

  constructor(storage: DurableObjectStorage) {
    this.storage = storage
  }

  set(at: number | null): void {
    if (at === null) {
      void this.storage.deleteAlarm()
      return
    }
    this.settings++
    void this.storage.setAlarm(at)
  }

  /** What the alarm is set to, for `Timers.resume` at boot; null while it rings. */
  armed(): Promise<number | null> {
    return this.storage.getAlarm()
  }

  /** Rows billed for setting the alarm since the object started. */
  rowsWritten(): number {
    return this.settings
  }
}
