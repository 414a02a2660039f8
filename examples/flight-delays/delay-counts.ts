import type { Flight } from './flights.ts'
import { distanceBands, percentiles, type Report, type ReportRow } from './report.ts'

/** How many flights of each group had which delay: by group, then by minutes. Adds up across slices. */
export type DelayCounts = Record<string, Record<string, number>>

export function countDelays(flights: Flight[]): DelayCounts {
  const counts: DelayCounts = {}
  for (const flight of flights) {
    for (const group of groupsOf(flight)) add(counts, group, flight.delay, 1)
  }
  return counts
}

export function mergeDelayCounts(parts: DelayCounts[]): DelayCounts {
  const counts: DelayCounts = {}
  for (const part of parts) {
    for (const [group, delays] of Object.entries(part)) {
      for (const [delay, count] of Object.entries(delays)) add(counts, group, Number(delay), count)
    }
  }
  return counts
}

/** The report of all flights that were counted. */
export function reportOf(counts: DelayCounts): Report {
  const all = sorted(counts.all ?? {})
  const threshold = percentile(all, 90)
  const rowOf = (group: string): ReportRow => {
    const delays = sorted(counts[group] ?? {})
    return {
      group,
      flights: total(delays),
      percentiles: percentiles.map((rank) => percentile(delays, rank)),
      inWorstDecile: total(delays.filter(([delay]) => delay >= threshold)),
    }
  }
  const worst = all.filter(([delay]) => delay >= threshold)
  const minutes = worst.reduce((sum, [delay, count]) => sum + delay * count, 0)
  return {
    all: rowOf('all'),
    byDistance: distanceBands.map(({ name }) => rowOf(name)),
    byHour: Array.from({ length: 24 }, (_, hour) => rowOf(hourName(hour))),
    worstDecile: { threshold, flights: total(worst), meanDelay: minutes / total(worst) },
  }
}

function groupsOf(flight: Flight): string[] {
  const band = distanceBands.find(({ below }) => flight.distance < below)!
  return ['all', band.name, hourName(Math.floor(flight.time))]
}

function hourName(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`
}

function add(counts: DelayCounts, group: string, delay: number, count: number): void {
  counts[group] ??= {}
  counts[group][delay] = (counts[group][delay] ?? 0) + count
}

function sorted(delays: Record<string, number>): [delay: number, count: number][] {
  return Object.entries(delays)
    .map(([delay, count]): [number, number] => [Number(delay), count])
    .sort(([a], [b]) => a - b)
}

function total(delays: [number, number][]): number {
  return delays.reduce((sum, [, count]) => sum + count, 0)
}

/** Nearest rank: the smallest delay that at least `rank` per cent of the flights do not exceed. */
function percentile(delays: [number, number][], rank: number): number {
  let missing = Math.ceil((rank / 100) * total(delays))
  for (const [delay, count] of delays) {
    missing -= count
    if (missing <= 0) return delay
  }
  return 0
}
