/** What checks have come to. */
export type Count = { passed: number; failed: number; skipped: number }

/** Something that a client needs and that this machine cannot have, such as a package index. */
export class Unavailable extends Error {
  override name = 'Unavailable'
}

const line = /^(ok|FAILED|skipped) - (.*)$/

/** Prints a line for each check and counts them; so it does with the lines that programs print in the same form. */
export class Checks {
  readonly count: Count = { passed: 0, failed: 0, skipped: 0 }

  /** Passes if `body` does not throw. The checks after it are made all the same. */
  async check(name: string, body: () => unknown): Promise<void> {
    try {
      await body()
      this.relay(`ok - ${name}`)
    } catch (error) {
      this.fail(name, error)
    }
  }

  fail(name: string, error: unknown): void {
    this.relay(`FAILED - ${name}`)
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
    console.log(told.replace(/^/gm, '    '))
  }

  skip(name: string, why: string): void {
    this.relay(`skipped - ${name}: ${why}`)
  }

  /** Prints what a program has printed, and counts it if it is a check's line. */
  relay(text: string): void {
    const [, outcome] = line.exec(text) ?? []
    if (outcome === 'ok') this.count.passed += 1
    if (outcome === 'FAILED') this.count.failed += 1
    if (outcome === 'skipped') this.count.skipped += 1
    console.log(text)
  }
}

/** `N passed, N failed`, and `, N skipped` where anything was. */
export function summary(count: Count): string {
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : ''
  return `${count.passed} passed, ${count.failed} failed${skipped}`
}

/** The counts in a line as `summary` makes it, or undefined. */
export function readSummary(text: string): Count | undefined {
  const match = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(text)
  if (!match) return undefined
  return { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3] ?? 0) }
}
