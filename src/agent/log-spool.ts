import { appendFileSync, closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { limits } from '../core/limits.ts'
import type { LogBatch, LogEvent } from '../core/model/log.ts'
import { type CutLine, characterEnd, cutLines } from './log-lines.ts'

/** A line without its newline is sent when nothing has followed for this long. */
const quietMs = 200
/** Marks kept of when an output had grown to which size; beyond that every second one goes. */
const mostMarks = 1024
const newline = 10
/** 13 digits of epoch ms and a space. */
const stampLength = 14
/** JSON around one event: brackets, commas, the timestamp. */
const eventOverhead = 20
/** Room for the longest event, the byte before it and the newline behind it. */
const buffer = Buffer.allocUnsafe(limits.logEventBytes + 2)

export type LogSpoolOptions = {
  /** The file that is being written. */
  output: string
  /** The file that notes what was sent of it. */
  delivered: string
  group: string
  stream: string
  /** Every line begins with the time it was printed, epoch ms in 13 digits and a space (`docker-log-reader.ts`). */
  stamped: boolean
}

/** A batch sent and not acknowledged, or to be sent again: bytes `[start, end)` of the output, events from `first` on. */
export type LogCut = {
  start: number
  end: number
  first: number
  count: number
  /** No event of it is older than this; the last one's time. */
  floorAt: number
  lastAt: number
  /** Of JSON, as far as it counts against a budget. */
  cost: number
  settled: boolean
}

export type TakenBatch = { batch: LogBatch; cut: LogCut }

/**
 * What one attempt printed, on its way: the file is its own queue, read on as batches are acknowledged. Every new batch
 * is noted on disk before it is sent (`end count last-timestamp batches-acknowledged`, a line each), so that after a
 * lost connection or a restart the same events go out again under the same numbers.
 */
export class LogSpool {
  private readonly options: LogSpoolOptions
  /** Where the acknowledged part ends. */
  private base = { end: 0, first: 0, count: 0, lastAt: 0 }
  private cuts: LogCut[] = []
  private settledCuts = 0
  /** The next of `cuts` to send; past the last one, new ones are made at `offset`. */
  private next = 0
  private offset = 0
  private size = 0
  private finished = false
  private grewAt = 0
  private marks: { at: number; size: number }[] = []

  constructor(options: LogSpoolOptions) {
    this.options = options
    if (existsSync(options.delivered)) this.readNotes()
  }

  /** Looks how far the output has grown; true when there may be something to take. */
  observe(now: number): boolean {
    const stats = statSync(this.options.output, { throwIfNoEntry: false })
    if (stats && stats.size > this.size) {
      this.size = stats.size
      this.grewAt = now
      this.marks.push({ at: Math.min(now, Math.floor(stats.mtimeMs)), size: stats.size })
      if (this.marks.length > mostMarks) this.marks = this.marks.filter((_, index) => index % 2 === 1)
    }
    return this.next < this.cuts.length || this.offset < this.size
  }

  /** Nothing more will be printed. */
  finish(): void {
    this.finished = true
  }

  isFinished(): boolean {
    return this.finished
  }

  /** Everything printed is acknowledged. */
  isDrained(): boolean {
    return this.finished && this.cuts.length === 0 && this.offset >= this.size
  }

  /**
   * The next batch of at most `budget` bytes of JSON, or undefined when there is none, or none so small; a single event
   * may be larger where the budget is `limits.logBatchBytes`.
   */
  take(budget: number, now: number): TakenBatch | undefined {
    const again = this.cuts[this.next]
    if (!again) return this.takeNew(budget, now)
    if (again.cost > budget) return undefined
    this.next++
    return { batch: this.batch(this.read(again.start, again.end, true), again), cut: again }
  }

  /** The batch of `cut` is stored. */
  settle(cut: LogCut): void {
    cut.settled = true
    while (this.cuts[0]?.settled) {
      this.base = this.cuts.shift()!
      this.settledCuts++
      this.next--
    }
    while (this.marks.length > 1 && this.marks[0]!.size <= this.base.end) this.marks.shift()
  }

  /** What is not acknowledged will be sent again. */
  rewind(): void {
    this.next = 0
    for (const cut of this.cuts) cut.settled = false
  }

  private takeNew(budget: number, now: number): TakenBatch | undefined {
    if (this.offset >= this.size) return undefined
    const end = Math.min(this.size, this.offset + limits.logEventBytes + 1)
    const isQuiet = !this.options.stamped && now - this.grewAt >= quietMs
    const piece = this.read(this.offset, end, end === this.size && (this.finished || isQuiet))
    const { count, cost } = fitting(piece.lines, budget)
    if (piece.lines.length === 0) this.offset += piece.consumed
    if (count === 0) return undefined
    const before = this.cuts.at(-1) ?? this.base
    const cut = {
      start: this.offset,
      end: this.offset + piece.lines[count - 1]!.end,
      first: before.first + before.count,
      count,
      floorAt: before.lastAt,
      lastAt: before.lastAt,
      cost,
      settled: false,
    }
    const batch = this.batch(piece, cut)
    cut.lastAt = batch.events.at(-1)![0]
    this.cuts.push(cut)
    this.next = this.cuts.length
    this.offset = cut.end
    appendFileSync(this.options.delivered, `${cut.end} ${count} ${cut.lastAt} ${this.settledCuts}\n`)
    return { batch, cut }
  }

  /** Reads and cuts `[start, end)` of the output; the lines' places count from `start`. */
  private read(start: number, end: number, flush: boolean) {
    const from = Math.max(0, start - 1)
    const file = openSync(this.options.output, 'r')
    let length = 0
    try {
      length = readSync(file, buffer, 0, end - from, from)
    } finally {
      closeSync(file)
    }
    const continued = start > 0 && buffer[0] !== newline
    let bytes = buffer.subarray(start - from, length)
    if (flush && !this.finished) bytes = bytes.subarray(0, characterEnd(bytes, 0, bytes.length))
    return { ...cutLines(bytes, { continued, flush, limit: limits.logEventBytes }), bytes, continued }
  }

  private batch(piece: ReturnType<LogSpool['read']>, cut: LogCut): LogBatch {
    const { group, stream, stamped } = this.options
    const events: LogEvent[] = []
    let lastAt = cut.floorAt
    let mark = 0
    for (const line of piece.lines.slice(0, cut.count)) {
      while (mark < this.marks.length - 1 && this.marks[mark]!.size < cut.start + line.end) mark++
      let at = this.marks[mark]?.at ?? lastAt
      let text = line.text
      if (stamped) {
        const beginsLine = line.start > 0 ? piece.bytes[line.start - 1] === newline : !piece.continued
        at = beginsLine ? Number(text.slice(0, stampLength - 1)) : lastAt
        if (beginsLine) text = text.slice(stampLength)
      }
      lastAt = Math.max(lastAt, at)
      events.push([lastAt, text])
    }
    return { group, stream, first: cut.first, events }
  }

  private readNotes(): void {
    let settled = 0
    let before = this.base
    for (const line of readFileSync(this.options.delivered, 'latin1').split('\n').slice(0, -1)) {
      const [end, count, lastAt, settledCuts] = line.split(' ').map(Number) as [
        number,
        number,
        number,
        number,
      ]
      const cost = limits.logBatchBytes
      const floorAt = before.lastAt
      const first = before.first + before.count
      const cut = { start: before.end, end, first, count, floorAt, lastAt, cost, settled: false }
      this.cuts.push(cut)
      before = cut
      settled = settledCuts
    }
    this.offset = before.end
    for (const cut of this.cuts.slice(0, settled)) this.settle(cut)
    this.next = 0
  }
}

/** How many of the lines go into one batch, and what they cost of its budget. */
function fitting(lines: CutLine[], budget: number): { count: number; cost: number } {
  let cost = 0
  let count = 0
  for (const line of lines) {
    const more = Buffer.byteLength(JSON.stringify(line.text)) + eventOverhead
    const alone = count === 0 && budget >= limits.logBatchBytes
    if (count === limits.logBatchEvents || (cost + more > budget && !alone)) break
    cost += more
    count++
  }
  return { count, cost: Math.min(cost, limits.logBatchBytes) }
}
