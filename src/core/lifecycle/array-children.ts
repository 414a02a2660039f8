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
  /** N_TO_N only: 1 for an untouched child whose counterparts have all succeeded. */
  private readonly released: Uint8Array
  private releasedCount = 0
  /** No child before it is released. */
  private firstReleased = 0
  private cursor = 0
  readonly shape: ArrayShape
  /** Whether dependencies on whole jobs are all met, so that children may start at all. */
  open: boolean

  constructor(shape: ArrayShape, open: boolean) {
    this.shape = shape
    this.open = open
    this.states = new Uint8Array(shape.size)
    this.released = new Uint8Array(this.isFollower ? shape.size : 0)
  }

  /** Child i waits for child i of other arrays. */
  get isFollower(): boolean {
    return this.shape.nToN.length > 0 || (this.shape.foreignNToN?.length ?? 0) > 0
  }

  /** Children that have no state of their own. */
  get untouchedCount(): number {
    return this.shape.size - this.touched
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
    if (this.released[index] === 1) {
      this.released[index] = 0
      this.releasedCount--
    }
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
    if (this.isTouched(index) || this.shape.rest || this.released[index] === 1) return
    this.released[index] = 1
    this.releasedCount++
    this.firstReleased = Math.min(this.firstReleased, index)
  }

  isReleased(index: number): boolean {
    return this.released[index] === 1
  }

  /** Those that may start, as many as may be in flight at once besides those that are. Nothing is taken. */
  *startable(): Generator<number> {
    let room = (this.shape.maxConcurrency ?? this.shape.size) - this.counts.STARTING - this.counts.RUNNING
    if (room <= 0) return
    for (const index of this.inOrder()) {
      yield index
      if (--room === 0) return
    }
  }

  /** Retries first, then by index. */
  private *inOrder(): Generator<number> {
    if (!this.open) return
    for (const index of [...this.retries]) if (this.state(index) === 'RUNNABLE') yield index
    if (this.shape.rest) return
    if (this.isFollower && !this.shape.sequential) {
      if (this.releasedCount === 0) return
      while (this.released[this.firstReleased] === 0) this.firstReleased++
      for (let index = this.firstReleased; index < this.shape.size; index++)
        if (this.released[index] === 1) yield index
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
    else if (this.shape.sequential) {
      this.skipTouched()
      const next = this.cursor < this.shape.size && this.untouchedState(this.cursor) === 'RUNNABLE' ? 1 : 0
      summary.RUNNABLE += next
      summary.PENDING += untouched - next
    } else if (this.isFollower) {
      summary.RUNNABLE += this.releasedCount
      summary.PENDING += untouched - this.releasedCount
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

  /** Indexes of children without a state of their own. */
  *untouched(): Generator<number> {
    for (let index = 0; index < this.states.length; index++) if (this.states[index] === 0) yield index
  }

  /** Indexes of children that have ended in `state`, those that ended in one stroke included. */
  *endedIn(state: 'SUCCEEDED' | 'FAILED'): Generator<number> {
    for (let index = 0; index < this.states.length; index++) if (this.state(index) === state) yield index
  }

  private stateCode(index: number): JobState | undefined {
    return jobStates[(this.states[index] ?? 0) - 1]
  }

  private untouchedState(index: number): JobState {
    if (this.shape.rest) return 'FAILED'
    if (!this.open) return 'PENDING'
    if (this.isFollower && !this.isReleased(index)) return 'PENDING'
    if (!this.shape.sequential || index === 0) return 'RUNNABLE'
    const previous = this.stateCode(index - 1)
    return previous !== undefined && isTerminal(previous) && previous === 'SUCCEEDED' ? 'RUNNABLE' : 'PENDING'
  }

  private skipTouched(): void {
    while (this.cursor < this.shape.size && this.isTouched(this.cursor)) this.cursor++
  }
}
