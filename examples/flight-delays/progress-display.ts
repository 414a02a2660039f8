import type { Progress } from './follow.ts'

const states = ['SUBMITTED', 'PENDING', 'RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED']
const barWidth = 24
const plainLineEveryMs = 1_000

/** One line that tells how far the jobs are: a bar, the slices in each state, the state of the merge. */
export function progressLine({ array, merge }: Progress): string {
  const summary = array.arrayProperties?.statusSummary ?? {}
  const size = array.arrayProperties?.size ?? 0
  const done = (summary.SUCCEEDED ?? 0) + (summary.FAILED ?? 0)
  const filled = size === 0 ? 0 : Math.floor((barWidth * done) / size)
  const counts = states.filter((state) => summary[state]).map((state) => `${state} ${summary[state]}`)
  const bar = '#'.repeat(filled) + '.'.repeat(barWidth - filled)
  return `[${bar}] ${done}/${size} slices: ${counts.join(', ')}; merge ${merge.status}`
}

/** Shows progress: one line kept up to date on a terminal, elsewhere a new line when something changed. */
export class ProgressDisplay {
  private readonly out: NodeJS.WriteStream
  private shown = ''
  private shownAt = Number.NEGATIVE_INFINITY

  constructor(out: NodeJS.WriteStream) {
    this.out = out
  }

  show(progress: Progress): void {
    const line = progressLine(progress)
    if (line === this.shown) return
    if (this.out.isTTY) {
      this.out.write(`\r\u001b[2K${line.slice(0, (this.out.columns || 80) - 1)}`)
    } else {
      if (performance.now() - this.shownAt < plainLineEveryMs) return
      this.out.write(`${line}\n`)
    }
    this.shown = line
    this.shownAt = performance.now()
  }

  /** Shows the last state, however soon after the one before it. */
  finish(progress: Progress): void {
    this.shownAt = Number.NEGATIVE_INFINITY
    this.show(progress)
    if (this.out.isTTY) this.out.write('\n')
  }
}
