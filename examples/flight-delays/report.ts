/** Distance bands in miles, in order; `below` is exclusive. */
export const distanceBands = [
  { name: 'under 250 miles', below: 250 },
  { name: '250-499 miles', below: 500 },
  { name: '500-999 miles', below: 1000 },
  { name: '1000-1999 miles', below: 2000 },
  { name: '2000 miles and over', below: Number.POSITIVE_INFINITY },
]

export const percentiles = [10, 50, 90, 99]

/** Delays of one group of flights, in minutes. */
export type ReportRow = {
  group: string
  flights: number
  /** One for each of `percentiles`. */
  percentiles: number[]
  /** Flights of this group among those at or above the 90th percentile of all. */
  inWorstDecile: number
}

export type Report = {
  all: ReportRow
  byDistance: ReportRow[]
  byHour: ReportRow[]
  worstDecile: { threshold: number; flights: number; meanDelay: number }
}

/** The report as lines of text. */
export function formatReport(report: Report): string[] {
  const { threshold, flights, meanDelay } = report.worstDecile
  const heads = ['flights', ...percentiles.map((rank) => `p${rank}`), 'worst decile']
  return [
    'Flight delays in minutes (negative: early), by distance and by hour of the day',
    rowText('', heads),
    rowText('all flights', cellsOf(report.all)),
    ...report.byDistance.map((row) => rowText(row.group, cellsOf(row))),
    ...report.byHour.map((row) => rowText(row.group, cellsOf(row))),
    `Worst decile: ${count(flights)} flights were ${threshold} minutes late or more, ${meanDelay.toFixed(1)} on average.`,
    `Most of them are ${largest(report.byDistance).group} long; their commonest hour starts at ${largest(report.byHour).group}.`,
  ]
}

function cellsOf(row: ReportRow): string[] {
  const share = row.flights === 0 ? 0 : (100 * row.inWorstDecile) / row.flights
  return [count(row.flights), ...row.percentiles.map(String), `${share.toFixed(1)} %`]
}

function rowText(name: string, cells: string[]): string {
  const widths = [9, ...percentiles.map(() => 6), 14]
  return name.padEnd(20) + cells.map((cell, i) => cell.padStart(widths[i]!)).join('')
}

function largest(rows: ReportRow[]): ReportRow {
  return rows.reduce((best, row) => (row.inWorstDecile > best.inWorstDecile ? row : best))
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
