import { describe, expect, it } from 'vitest'
import { type Scheduler, simulate } from '../../../src/core/simulation/simulate.ts'
import type { TraceJob } from '../../../src/core/simulation/trace-job.ts'
import { aTrace } from './trace-builders.ts'

/** Starts everything at once, and notes what it is told. */
class Eager implements Scheduler {
  readonly told: string[] = []
  private waiting: TraceJob[] = []

  submit(job: TraceJob, now: number): void {
    this.told.push(`${now / 1000} submit ${job.id}`)
    this.waiting.push(job)
  }

  end(job: TraceJob, now: number): void {
    this.told.push(`${now / 1000} end ${job.id}`)
  }

  pass(now: number): TraceJob[] {
    this.told.push(`${now / 1000} pass`)
    return this.waiting.splice(0)
  }
}

describe('simulate', () => {
  it('applies all events of a moment before one pass, ends before submissions', () => {
    const eager = new Eager()
    const starts = simulate(aTrace({ run: 5 }, { run: 5 }, { at: 5 }), eager)
    expect(eager.told).toEqual([
      '0 submit 0',
      '0 submit 1',
      '0 pass',
      '5 end 0',
      '5 end 1',
      '5 submit 2',
      '5 pass',
      '15 end 2',
      '15 pass',
    ])
    expect(starts).toEqual([0, 0, 5000])
  })

  it('asks a scheduler again when it wants to be asked, and leaves what never starts', () => {
    const late: Scheduler = {
      submit: () => undefined,
      end: () => undefined,
      pass: (now) => (now === 7000 ? [jobs[0]!] : []),
      wakeAt: () => wake.shift() ?? Number.POSITIVE_INFINITY,
    }
    const wake = [Number.POSITIVE_INFINITY, 7000]
    const jobs = aTrace({}, {})
    expect(simulate(jobs, late)).toEqual([7000, undefined])
  })
})

describe('simulate, with a scheduler that preempts', () => {
  it('ends what has to make room by then, and tells of no other end of that run', () => {
    const [job] = aTrace({ run: 100 }) as [TraceJob]
    const told: string[] = []
    let waiting: TraceJob[] = []
    const scheduler: Scheduler = {
      submit: (submitted) => void waiting.push(submitted),
      end: (ended, now, isPreempted) => {
        told.push(`${now / 1000} ${isPreempted ? 'made room' : 'ended'}`)
        if (isPreempted) waiting.push(ended)
      },
      pass: (now) => {
        told.push(`${now / 1000} pass`)
        const starts = waiting
        waiting = []
        return starts
      },
      takePreempted: () => (told.length === 1 ? [{ job, by: 30_000 }] : []),
    }
    expect(simulate([job], scheduler)).toEqual([30_000])
    expect(told).toEqual(['0 pass', '30 made room', '30 pass', '130 ended', '130 pass'])
  })

  it('lets what ends by itself before it must make room do so', () => {
    const [job] = aTrace({ run: 10 }) as [TraceJob]
    const ends: boolean[] = []
    let waiting: TraceJob[] = [job]
    const scheduler: Scheduler = {
      submit: () => undefined,
      end: (_, __, isPreempted) => void ends.push(isPreempted),
      pass: () => {
        const starts = waiting
        waiting = []
        return starts
      },
      takePreempted: () => [{ job, by: 30_000 }],
    }
    simulate([job], scheduler)
    expect(ends).toEqual([false])
  })
})
