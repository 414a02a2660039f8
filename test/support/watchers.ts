/** Conditions that somebody waits for, looked at whenever something has happened. */
export class Watchers {
  private readonly looks = new Set<() => void>()

  /** Something has happened. */
  look(): void {
    for (const look of [...this.looks]) look()
  }

  /** Resolves when `condition` holds; fails, naming `what`, when it does not within the time. */
  async until(what: string, condition: () => boolean, withinMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const look = () => {
      if (condition()) resolve()
    }
    const timer = setTimeout(() => reject(new Error(`waited in vain until ${what}`)), withinMs)
    this.looks.add(look)
    look()
    await promise.finally(() => {
      clearTimeout(timer)
      this.looks.delete(look)
    })
  }
}
