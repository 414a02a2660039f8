import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jobStates } from '../../../src/core/model/job.ts'
import {
  type EndedAttempt,
  normalExit,
  type Progress,
  packProgress,
  unpackProgress,
  type Where,
} from '../../../src/core/model/progress.ts'
import { anEndedAttempt, aProgress } from '../../support/builders.ts'

const instant = fc.nat()
const text = fc.oneof(fc.string(), fc.constant(normalExit))
const statusReason = text.filter((reason) => reason !== '')
const where: fc.Arbitrary<Where> = fc.record({
  environment: fc.nat(),
  instanceId: fc.string(),
  runtime: fc.constantFrom('docker', 'process'),
})
const endedAttempt = fc
  .tuple(
    where,
    fc.record(
      {
        startedAt: instant,
        stoppedAt: instant,
        exitCode: fc.integer(),
        reason: fc.string(),
        statusReason,
        preempted: fc.constant(true as const),
        containers: fc.array(
          fc.record({ exitCode: fc.integer(), reason: fc.string() }, { requiredKeys: [] }),
          { maxLength: 10 },
        ),
      },
      { requiredKeys: ['stoppedAt', 'statusReason'] },
    ),
  )
  .map(([place, end]): EndedAttempt => ({ ...place, ...end }))
const current = fc
  .tuple(where, fc.record({ startedAt: instant }, { requiredKeys: [] }))
  .map(([place, start]) => ({ ...place, ...start }))
const progress: fc.Arbitrary<Progress> = fc.record(
  {
    state: fc.constantFrom(...jobStates),
    attempts: fc.array(endedAttempt, { maxLength: 10 }),
    current,
    statusReason,
    stoppedAt: instant,
    stop: fc.record({ kind: fc.constantFrom('cancel', 'terminate'), reason: fc.string() }),
  },
  { requiredKeys: ['state', 'attempts'] },
)

describe('the packed form of a progress', () => {
  it('comes back through JSON as it was', () => {
    fc.assert(
      fc.property(progress, (value) => {
        expect(unpackProgress(JSON.parse(JSON.stringify(packProgress(value))))).toEqual(value)
      }),
    )
  })

  it('is a few bytes for a job that waits, and some sixty for one that ran', () => {
    expect(JSON.stringify(packProgress(aProgress()))).toBe('[2,[]]')
    const ran = aProgress({
      state: 'SUCCEEDED',
      attempts: [anEndedAttempt({ startedAt: 1_700_000_000_000, stoppedAt: 1_700_000_001_000, exitCode: 0 })],
      statusReason: normalExit,
      stoppedAt: 1_700_000_001_000,
    })
    expect(JSON.stringify(packProgress(ran)).length).toBeLessThan(110)
  })

  it('of an unknown state is refused', () => {
    expect(() => unpackProgress([7, []])).toThrow('job state')
  })
})
