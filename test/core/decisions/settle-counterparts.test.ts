import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { settleCounterparts } from '../../../src/core/decisions/settle-counterparts.ts'
import { settleChild } from '../../../src/core/decisions/settle-job.ts'
import { rangesOf } from '../../../src/core/model/index-set.ts'
import type { Progress } from '../../../src/core/model/progress.ts'
import { anArray } from '../../support/builders.ts'
import { MemoryLedger } from '../../support/memory-ledger.ts'

const theirs = { queue: 2, seq: 9 }
const size = 6

function aFollower(): MemoryLedger {
  const ledger = new MemoryLedger([anArray({ size, foreignNToN: [theirs] })])
  ledger.insert(anArray({ size: 1 }, { seq: 3 }), [
    { waiter: 1, ...theirs, kind: 'children', condition: 'success' },
  ])
  return ledger
}

function tell(ledger: MemoryLedger, succeeded: number[], failed: number[]): void {
  const ended = { succeeded: rangesOf(succeeded), failed: rangesOf(failed) }
  ledger.decide(() => settleCounterparts(ledger, theirs, ended))
}

const states = (ledger: MemoryLedger) =>
  Array.from({ length: size }, (_, position) => ledger.child(1, position).state)

describe('settleCounterparts', () => {
  it('comes to the same in whatever order and however often the ends are told', () => {
    const ends = fc.array(fc.constantFrom('succeeded', 'failed', 'unfinished'), {
      minLength: size,
      maxLength: size,
    })
    fc.assert(
      fc.property(ends, fc.array(fc.array(fc.nat(size - 1)), { maxLength: 6 }), (all, groups) => {
        const ledger = aFollower()
        const positions = [...Array(size).keys()]
        for (const group of [...groups, positions]) {
          const some = positions.filter((position) => group.includes(position))
          const of = (end: string) => some.filter((position) => all[position] === end)
          tell(ledger, of('succeeded'), of('failed'))
        }
        const expected = { succeeded: 'RUNNABLE', failed: 'FAILED', unfinished: 'PENDING' }
        expect(states(ledger)).toEqual(all.map((end) => expected[end]))
        expect(ledger.job(1)!.progress.state).toBe(
          all.every((end) => end === 'failed') ? 'FAILED' : 'PENDING',
        )
        const summary = ledger.children(1).summary()
        expect(Object.values(summary).reduce((sum, count) => sum + count)).toBe(size)
        ledger.restart()
        expect(states(ledger)).toEqual(all.map((end) => expected[end]))
      }),
      { numRuns: 200 },
    )
  })

  it('ends an array in one stroke when all that is left of it has failed', () => {
    const ledger = aFollower()
    tell(ledger, [0], [])
    const success: Progress = { state: 'SUCCEEDED', attempts: [], stoppedAt: 1 }
    ledger.decide(() => settleChild(ledger, ledger.job(1)!, 0, success))
    tell(ledger, [], [0, 1, 2, 3, 4, 5])
    expect(ledger.job(1)).toMatchObject({
      array: { rest: { statusReason: 'Dependent Job failed' } },
      progress: { state: 'FAILED' },
    })
    expect(states(ledger)).toEqual(['SUCCEEDED', ...Array(5).fill('FAILED')])
  })

  it('tells nobody of an array that nobody follows', () => {
    const ledger = new MemoryLedger()
    tell(ledger, [0], [1])
    expect(ledger.job(1)).toBeUndefined()
  })
})

describe('an array that other queues follow', () => {
  it('tells of every child once, also of those that end in one stroke', () => {
    const ledger = new MemoryLedger([anArray({ size: 3, sequential: true })])
    ledger.followedAbroad.add(1)
    const end = (state: 'SUCCEEDED' | 'FAILED', position: number) =>
      ledger.decide(() =>
        settleChild(ledger, ledger.job(1)!, position, { state, attempts: [], stoppedAt: 1 }),
      )
    end('SUCCEEDED', 0)
    end('FAILED', 1)
    expect(ledger.effects).toEqual(
      [true, false, false].map((succeeded, position) => ({
        kind: 'child-ended',
        seq: 1,
        position,
        succeeded,
      })),
    )
  })
})
