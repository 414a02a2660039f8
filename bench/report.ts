import type { Figure } from './figure.ts'
import type { MachineFacts } from './machine-facts.ts'

/** Facts and figures as a plain table. */
export function renderReport(facts: MachineFacts, figures: Figure[]): string {
  const names = Object.entries(facts).map(([name, value]) => [name, String(value)])
  const rows = figures.map(({ name, value, unit, samples, note }) => [
    name,
    rounded(value),
    unit,
    [samples && samples.length > 1 ? `of ${samples.map(rounded).join(' ')}` : '', note ?? '']
      .filter(Boolean)
      .join('; '),
  ])
  return `${columns(names)}\n\n${columns(rows, [false, true])}\n`
}

/** Three significant digits, whole from 100 on. */
function rounded(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return Number(value.toPrecision(3)).toString()
}

function columns(rows: string[][], rightAligned: boolean[] = []): string {
  const widths = rows.reduce<number[]>(
    (known, row) => row.map((cell, i) => Math.max(known[i] ?? 0, cell.length)),
    [],
  )
  const line = (row: string[]) =>
    row.map((cell, i) => (rightAligned[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join('  ')
  return rows.map((row) => line(row).trimEnd()).join('\n')
}
