import type { Flight } from './flights.ts'
import { distanceBands, percentiles, type Report, type ReportRow } from './report.ts'

/** The report worked out a second way, to check the jobs' by: sort the delays of all the flights of each group. */
export function expectedReport(flights: Flight[]): Report {
  const threshold = nearestRank(sortedDelays(flights), 90)
  const worst = flights.filter((flight) => flight.delay >= threshold)
  const row = (group: string, members: Flight[]): ReportRow => ({
    group,
    flights: members.length,
    percentiles: percentiles.map((rank) => nearestRank(sortedDelays(members), rank)),
    inWorstDecile: members.filter((flight) => flight.delay >= threshold).length,
  })
  return {
    all: row('all', flights),
    byDistance: distanceBands.map(({ name, below }, i) => {
      const from = distanceBands[i - 1]?.below ?? 0
      return row(
        name,
        flights.filter(({ distance }) => distance >= from && distance < below),
      )
    }),
    byHour: Array.from({ length: 24 }, (_, hour) =>
      row(
        `${hour < 10 ? '0' : ''}${hour}:00`,
        flights.filter(({ time }) => time >= hour && time < hour + 1),
      ),
    ),
    worstDecile: {
      threshold,
      flights: worst.length,
      meanDelay: worst.reduce((sum, { delay }) => sum + delay, 0) / worst.length,
    },
  }
}

function sortedDelays(flights: Flight[]): Float64Array {
  return Float64Array.from(flights, ({ delay }) => delay).sort()
}

function nearestRank(delays: Float64Array, rank: number): number {
  return delays[Math.ceil((rank / 100) * delays.length) - 1] ?? 0
}
