import { assert } from '../assert.ts'
import { emptySummary, isTerminal, type JobState, jobStates, type StatusSummary } from '../model/job.ts'
import type { ArrayShape } from '../model/job-record.ts'

const codes = Object.fromEntries(jobStates.map((state, i) => [state, i + 1])) as Record<JobState, number>

/**
 * What an active array's children have come to: one byte a child in memory, nothing for a child that has not been
 * touched. Mirrors what the store keeps of touched children, and holds the order in which children start.
 * The owner drops and rebuilds it when a commit fails.
 */
export class ArrayChildren {
  /** 0: untouched; else the index of its state in `jobStates`, plus one. */
  private readonly states: Uint8Array
  private readonly counts = emptySummary()
  private touched = 0
  /** Children that ran and wait for another attempt; they start first. */
  private readonly retries = new Set<number>()
  /** N_TO_N only: untouched children whose counterparts have all succeeded. */
  private readonly released = new Set<number>()
  private cursor = 0
  readonly shape: ArrayShape
  /** Whether dependencies on whole jobs are all met, so that children may start at all. */
  open: boolean

  constructor(shape: ArrayShape, open: boolean) {
    this.shape = shape
    this.open = open
    this.states = new Uint8Array(shape.size)
  }

  /** Records a child's state. */
  set(index: number, state: JobState): void {
    assert(index >= 0 && index < this.shape.size, `array index out of range: ${index}`)
    const before = this.stateCode(index)
    if (before) this.counts[before]--
    else this.touched++
    this.counts[state]++
    this.states[index] = codes[state]
    if (state === 'RUNNABLE') this.retries.add(index)
    else this.retries.delete(index)
    this.released.delete(index)
  }

  isTouched(index: number): boolean {
    return this.states[index] !== 0
  }

  /** The state a client sees. */
  state(index: number): JobState {
    return this.stateCode(index) ?? this.untouchedState(index)
  }

  /** N_TO_N: an untouched child's counterparts have all succeeded. */
  release(index: number): void {
    if (!this.isTouched(index) && !this.shape.rest) this.released.add(index)
  }

  /** The next child that may start, without taking it; undefined when none may now. Retries first, then by index. */
  *startable(): Generator<number> {
    if (!this.open) return
    for (const index of [...this.retries]) if (this.state(index) === 'RUNNABLE') yield index
    if (this.shape.rest) return
    if (this.shape.nToN.length > 0) {
      for (const index of [...this.released]) if (!this.isTouched(index)) yield index
      return
    }
    this.skipTouched()
    if (this.shape.sequential) {
      if (this.untouchedState(this.cursor) === 'RUNNABLE' && this.cursor < this.shape.size) yield this.cursor
      return
    }
    for (let index = this.cursor; index < this.shape.size; index++) if (!this.isTouched(index)) yield index
  }

  /**
   * Nothing is left that could start now or later, so the parent may leave the queue's order. A STARTING child does not
   * count as started: its placement may be known to memory only.
   */
  get exhausted(): boolean {
    const mayComeBack = this.retries.size + this.counts.STARTING > 0
    return !mayComeBack && (this.touched === this.shape.size || this.shape.rest !== undefined)
  }

  get finished(): boolean {
    const untouched = this.shape.size - this.touched
    const ended = this.counts.SUCCEEDED + this.counts.FAILED + (this.shape.rest ? untouched : 0)
    return ended === this.shape.size
  }

  get failed(): boolean {
    return this.counts.FAILED > 0 || (this.shape.rest !== undefined && this.touched < this.shape.size)
  }

  /** A count per state, not a scan. */
  summary(): StatusSummary {
    const summary = { ...this.counts }
    const untouched = this.shape.size - this.touched
    if (this.shape.rest) summary.FAILED += untouched
    else if (!this.open) summary.PENDING += untouched
    else if (this.shape.nToN.length > 0) {
      summary.RUNNABLE += this.released.size
      summary.PENDING += untouched - this.released.size
    } else if (this.shape.sequential) {
      this.skipTouched()
      const next = this.cursor < this.shape.size && this.untouchedState(this.cursor) === 'RUNNABLE' ? 1 : 0
      summary.RUNNABLE += next
      summary.PENDING += untouched - next
    } else summary.RUNNABLE += untouched
    return summary
  }

  /** Indexes of children that have not ended, of those that have a state of their own. */
  *unfinishedTouched(): Generator<number> {
    const { FAILED, SUCCEEDED } = codes
    for (let index = 0; index < this.states.length; index++) {
      const code = this.states[index]
      if (code !== 0 && code !== FAILED && code !== SUCCEEDED) yield index
    }
  }

  private stateCode(index: number): JobState | undefined {
    return jobStates[(this.states[index] ?? 0) - 1]
  }

  private untouchedState(index: number): JobState {
    if (this.shape.rest) return 'FAILED'
    if (!this.open) return 'PENDING'
    if (this.shape.nToN.length > 0) return this.released.has(index) ? 'RUNNABLE' : 'PENDING'
    if (!this.shape.sequential || index === 0) return 'RUNNABLE'
    const previous = this.stateCode(index - 1)
    return previous !== undefined && isTerminal(previous) && previous === 'SUCCEEDED' ? 'RUNNABLE' : 'PENDING'
  }

  private skipTouched(): void {
    while (this.cursor < this.shape.size && this.isTouched(this.cursor)) this.cursor++
  }
}
