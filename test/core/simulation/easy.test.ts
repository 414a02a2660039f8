import { describe, expect, it } from 'vitest'
import { Easy } from '../../../src/core/simulation/easy.ts'
import { FirstCome } from '../../../src/core/simulation/first-come.ts'
import { exactRunTimes, userEstimates } from '../../../src/core/simulation/run-time-sources.ts'
import { simulate } from '../../../src/core/simulation/simulate.ts'
import { aTrace } from './trace-builders.ts'

/** Four processors, two of them taken for 10 s; then one for all four, and smaller ones behind it. */
const head = [
  { run: 10, vcpus: 2 },
  { at: 1, vcpus: 4 },
]
const secondsOf = (starts: (number | undefined)[]) => starts.map((start) => start! / 1000)

describe('Easy', () => {
  it('lets by what ends before the head can start, and nothing that ends later and needs what the head will have', () => {
    const jobs = aTrace(...head, { at: 2, run: 9, vcpus: 1 }, { at: 2, run: 8, vcpus: 1 })
    expect(secondsOf(simulate(jobs, new Easy(4, userEstimates)))).toEqual([0, 10, 20, 2])
  })

  it('lets a longer one by on what is spare when the head starts, which it uses up', () => {
    const jobs = aTrace(
      { run: 10, vcpus: 2 },
      { at: 1, vcpus: 3 },
      { at: 2, run: 99, vcpus: 1 },
      { at: 2, run: 99, vcpus: 1 },
    )
    expect(secondsOf(simulate(jobs, new Easy(4, userEstimates)))).toEqual([0, 10, 2, 20])
  })

  it('tries the shortest candidate first where it is told to', () => {
    const jobs = aTrace(...head, { at: 2, run: 8, vcpus: 2 }, { at: 2, run: 4, vcpus: 2 })
    expect(secondsOf(simulate(jobs, new Easy(4, userEstimates)))).toEqual([0, 10, 2, 20])
    expect(secondsOf(simulate(jobs, new Easy(4, userEstimates, true)))).toEqual([0, 10, 20, 2])
  })

  it('goes by estimates, or by what only an oracle knows', () => {
    const jobs = aTrace(...head, { at: 2, run: 5, bound: 60, vcpus: 1 })
    expect(secondsOf(simulate(jobs, new Easy(4, userEstimates)))).toEqual([0, 10, 20])
    expect(secondsOf(simulate(jobs, new Easy(4, exactRunTimes)))).toEqual([0, 10, 2])
  })

  it('corrects a prediction that proves too short when it does', () => {
    const optimist = { estimate: () => 3000, correct: (_: unknown, ranMs: number) => ranMs * 2 }
    const jobs = aTrace({ run: 10, vcpus: 2 }, { at: 1, vcpus: 4 }, { at: 4, run: 2, vcpus: 1 })
    // At 4 s the running one, thought to end at 3 s, is thought to end at 6 s: the candidate, thought to take 3 s, waits.
    expect(secondsOf(simulate(jobs, new Easy(4, optimist)))).toEqual([0, 10, 6])
  })
})

describe('FirstCome', () => {
  it('lets nothing by the first that waits, or everything that fits', () => {
    const jobs = aTrace(...head, { at: 2, run: 99, vcpus: 2 })
    expect(secondsOf(simulate(jobs, new FirstCome(4, true)))).toEqual([0, 10, 20])
    expect(secondsOf(simulate(jobs, new FirstCome(4, false)))).toEqual([0, 101, 2])
  })
})
