import { describe, expect, it } from 'vitest'
import { flights200k } from '../../examples/flight-delays/dataset.ts'
import { countDelays, mergeDelayCounts, reportOf } from '../../examples/flight-delays/delay-counts.ts'
import { expectedReport } from '../../examples/flight-delays/expected-report.ts'
import { readFlights, sliceOf } from '../../examples/flight-delays/flights.ts'
import { progressLine } from '../../examples/flight-delays/progress-display.ts'
import { formatReport } from '../../examples/flight-delays/report.ts'

describe('flight-delays', () => {
  it.each([7, 32])('gives the same report from %d slices as from the whole data', (size) => {
    const flights = readFlights(flights200k)
    const parts = Array.from({ length: size }, (_, index) => countDelays(sliceOf(flights, index, size)))
    // Each slice's result goes through a file.
    const report = reportOf(mergeDelayCounts(JSON.parse(JSON.stringify(parts))))
    expect(report).toEqual(expectedReport(flights))
  })

  it('takes percentiles by nearest rank and counts ties into the worst decile', () => {
    const flights = [1, 2, 3, 4, 5, 6, 7, 8, 9, 9].map((delay) => ({ delay, distance: 250, time: 5.5 }))
    const { all, worstDecile, byDistance } = reportOf(countDelays(flights))
    expect(all).toEqual({ group: 'all', flights: 10, percentiles: [1, 5, 9, 9], inWorstDecile: 2 })
    expect(worstDecile).toEqual({ threshold: 9, flights: 2, meanDelay: 9 })
    expect(byDistance.map((row) => row.flights)).toEqual([0, 10, 0, 0, 0])
  })

  it('prints no empty line, which log drivers are free to drop', () => {
    const report = formatReport(reportOf(countDelays([{ delay: 1, distance: 2, time: 3 }])))
    expect(report.filter((line) => line.trim() === '')).toEqual([])
  })

  it('shows how far the jobs are in one line', () => {
    const statusSummary = { PENDING: 0, RUNNABLE: 3, RUNNING: 1, SUCCEEDED: 3, FAILED: 1 }
    const array = { arrayProperties: { size: 8, statusSummary } }
    const line = progressLine({ array, merge: { status: 'PENDING' } } as unknown as Parameters<
      typeof progressLine
    >[0])
    expect(line).toBe(
      '[############............] 4/8 slices: RUNNABLE 3, RUNNING 1, SUCCEEDED 3, FAILED 1; merge PENDING',
    )
  })
})
