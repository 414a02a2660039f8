import * as fc from 'fast-check'
import { describe, it } from 'vitest'
import { type HistoryStep, JobHistory } from '../../support/job-history.ts'

const nth = fc.nat(1_000)
const submit: fc.Arbitrary<HistoryStep> = fc.record({
  kind: fc.constant('submit'),
  size: fc.constantFrom(1, 1, 2, 3, 5),
  attempts: fc.constantFrom(undefined, undefined, 1, 2, 3),
  dependsOn: fc.constantFrom('nothing', 'nothing', 'job', 'child', 'SEQUENTIAL', 'N_TO_N'),
  after: fc.constantFrom(undefined, 'AFTER_ANY', 'AFTER_FAILURE'),
  maxConcurrency: fc.constantFrom(undefined, undefined, 1, 2),
  nth,
})
const step: fc.Arbitrary<HistoryStep> = fc.oneof(
  { weight: 3, arbitrary: submit },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('place'), nth }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('start'), nth }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('exit'), nth, exitCode: fc.constantFrom(0, 0, 0, 1) }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('deliver'), nth, again: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('vanish'), nth }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose'), nth }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('preempt'), nth }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('heed'), nth }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('stop'),
      how: fc.constantFrom('cancel', 'terminate'),
      nth,
      child: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire'), nth }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart') }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('register'), attempts: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deregister') }) },
)

describe('any history of submits, stops, preemptions, restarts, changed definitions and reports, doubled, late and out of order', () => {
  it('keeps its promises at every step, and every job ends', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 120, size: 'max' }), (steps) => {
        const history = new JobHistory()
        for (const next of steps) {
          history.take(next)
          history.check()
        }
        history.runToTheEnd()
      }),
      { numRuns: 300 },
    )
  })
})
