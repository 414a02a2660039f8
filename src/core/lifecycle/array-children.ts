import { assert } from '../assert.ts'
import { numbersIn, type Range } from '../model/index-set.ts'
import { emptySummary, isTerminal, type JobState, jobStates, type StatusSummary } from '../model/job.ts'
import type { ArrayShape } from '../model/job-record.ts'
import { UniformBlocks } from './uniform-blocks.ts'

const codes = Object.fromEntries(jobStates.map((state, i) => [state, i + 1])) as Record<JobState, number>
const untouched = 0
/** Codes of what has begun and not ended. */
const unfinished = jobStates.filter((state) => !isTerminal(state)).map((state) => codes[state])

/**
 * What an active array's children have come to: at most one byte a child in memory, and next to nothing where neighbours
 * agree (`UniformBlocks`). Mirrors what the store keeps of touched children, and holds the order in which children start.
 * The owner drops and rebuilds it when a commit fails.
 */
export class ArrayChildren {
  /** 0: untouched; else the index of its state in `jobStates`, plus one. */
  private readonly states: UniformBlocks
  private readonly counts = emptySummary()
  private touched = 0
  /** Children that ran and wait for another attempt; they start first. */
  private readonly retries = new Set<number>()
  /** N_TO_N only: 1 for an untouched child whose counterparts have all succeeded. */
  private readonly released: UniformBlocks
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
    this.states = new UniformBlocks(shape.size)
    this.released = new UniformBlocks(this.isFollower ? shape.size : 0)
  }

  /** Memory it takes, about. */
  get bytes(): number {
    return 500 + this.states.bytes + this.released.bytes + 40 * this.retries.size
  }

  /** Child i waits for child i of other arrays. */
  get isFollower(): boolean {
    return isFollower(this.shape)
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
    this.states.set(index, codes[state])
    if (state === 'RUNNABLE') this.retries.add(index)
    else this.retries.delete(index)
    if (this.isReleased(index)) {
      this.released.set(index, 0)
      this.releasedCount--
    }
  }

  isTouched(index: number): boolean {
    return this.states.at(index) !== untouched
  }

  /** The state a client sees. */
  state(index: number): JobState {
    return this.stateCode(index) ?? this.untouchedState(index)
  }

  /** N_TO_N: an untouched child's counterparts have all succeeded. */
  release(index: number): void {
    this.releaseAll([[index, index]])
  }

  /** The same of every child in these ranges. */
  releaseAll(ranges: Iterable<Range>): void {
    if (this.shape.rest || !this.isFollower) return
    for (const [first, last] of ranges)
      for (const [from, upTo] of this.states.ranges([untouched], first, last))
        for (const news of [...this.released.ranges([0], from, upTo)]) {
          this.released.fill(news, 1)
          this.releasedCount += news[1] - news[0] + 1
          this.firstReleased = Math.min(this.firstReleased, news[0])
        }
  }

  isReleased(index: number): boolean {
    return this.released.at(index) === 1
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
    for (const index of this.retries) if (this.state(index) === 'RUNNABLE') yield index
    if (this.shape.rest) return
    if (this.isFollower && !this.shape.sequential) {
      if (this.releasedCount === 0) return
      this.firstReleased = this.released.next(1, this.firstReleased)
      for (let index = this.firstReleased; index < this.shape.size; index = this.released.next(1, index + 1))
        yield index
      return
    }
    this.skipTouched()
    if (this.shape.sequential) {
      if (this.untouchedState(this.cursor) === 'RUNNABLE' && this.cursor < this.shape.size) yield this.cursor
      return
    }
    for (let index = this.cursor; index < this.shape.size; index = this.states.next(untouched, index + 1))
      yield index
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

  /** The first child from `from` on that clients see in `state`; the array's size where there is none. */
  next(state: JobState, from: number): number {
    return Math.min(this.states.next(codes[state], from), this.nextUntouched(state, from))
  }

  /** Indexes from `from` on of children that have not ended, of those that have a state of their own. */
  *unfinishedTouched(from = 0): Generator<number> {
    for (const range of this.states.ranges(unfinished, from)) yield* numbersIn([range])
  }

  /** Children without a state of their own. */
  untouched(): Generator<Range> {
    return this.states.ranges([untouched])
  }

  /** Children that have ended in `state`, those that ended in one stroke included. */
  endedIn(state: 'SUCCEEDED' | 'FAILED'): Generator<Range> {
    return this.states.ranges(
      state === 'FAILED' && this.shape.rest ? [codes.FAILED, untouched] : [codes[state]],
    )
  }

  private stateCode(index: number): JobState | undefined {
    return jobStates[this.states.at(index) - 1]
  }

  private untouchedState(index: number): JobState {
    if (this.shape.rest) return 'FAILED'
    if (!this.open) return 'PENDING'
    if (this.isFollower && !this.isReleased(index)) return 'PENDING'
    if (!this.shape.sequential || index === 0) return 'RUNNABLE'
    const previous = this.stateCode(index - 1)
    return previous !== undefined && isTerminal(previous) && previous === 'SUCCEEDED' ? 'RUNNABLE' : 'PENDING'
  }

  private nextUntouched(state: JobState, from: number): number {
    const { size, rest, sequential } = this.shape
    const isOfAll = rest ? state === 'FAILED' : !this.open && state === 'PENDING'
    if (isOfAll) return this.states.next(untouched, from)
    if (rest || !this.open || (state !== 'RUNNABLE' && state !== 'PENDING')) return size
    const { runnable, pending } = sequential ? this.nextInSequence(from) : this.nextReleased(from)
    return state === 'RUNNABLE' ? runnable : pending
  }

  private nextInSequence(from: number): { runnable: number; pending: number } {
    const { size } = this.shape
    this.skipTouched()
    const next = this.cursor < size && this.untouchedState(this.cursor) === 'RUNNABLE' ? this.cursor : size
    const first = this.states.next(untouched, from)
    const pending = first === next ? this.states.next(untouched, first + 1) : first
    return { runnable: from <= next ? next : size, pending }
  }

  private nextReleased(from: number): { runnable: number; pending: number } {
    const { size } = this.shape
    if (!this.isFollower) return { runnable: this.states.next(untouched, from), pending: size }
    let pending = from
    for (;;) {
      pending = this.states.next(untouched, pending)
      const held = this.released.next(0, pending)
      if (held === pending || pending === size) break
      pending = held
    }
    return { runnable: this.released.next(1, from), pending }
  }

  private skipTouched(): void {
    this.cursor = this.states.next(untouched, this.cursor)
  }
}

/** Whether an array's child i waits for child i of other arrays. */
export function isFollower({ nToN, foreignNToN = [] }: ArrayShape): boolean {
  return nToN.length + foreignNToN.length > 0
}
