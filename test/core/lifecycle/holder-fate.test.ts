import { describe, expect, it } from 'vitest'
import { type HolderFate, holderFate } from '../../../src/core/lifecycle/holder-fate.ts'
import type { Progress } from '../../../src/core/model/progress.ts'
import { anEndedAttempt, aProgress } from '../../support/builders.ts'

const cases: [string, Progress | undefined, HolderFate][] = [
  ['is starting', aProgress({ state: 'STARTING' }), 'kept'],
  ['is running', aProgress({ state: 'RUNNING' }), 'kept'],
  ['waits to be placed', aProgress(), 'undecided'],
  ['was never placed when its job ended', aProgress({ state: 'FAILED' }), 'unused'],
  ['has ended and is followed by another', aProgress({ attempts: [anEndedAttempt()] }), 'used'],
  ['has ended with its job', aProgress({ state: 'SUCCEEDED', attempts: [anEndedAttempt()] }), 'used'],
  ['is of a job that is forgotten', undefined, 'used'],
]

describe('holderFate', () => {
  it.each(cases)('of the first attempt, which %s', (_, progress, fate) => {
    expect(holderFate(progress, 1)).toBe(fate)
  })

  it('of an attempt that cannot have been is to give back', () => {
    expect(holderFate(aProgress(), 3)).toBe('unused')
  })
})
