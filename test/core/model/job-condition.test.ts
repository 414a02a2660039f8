import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JobCondition, matchesAll, matchesPattern } from '../../../src/core/model/job-condition.ts'
import type { Job } from '../../../src/core/model/job-record.ts'
import { aJob, anEndedAttempt, aProgress } from '../../support/builders.ts'

const definition = { name: 'align', revision: 3 }

function matches(condition: JobCondition, members: Partial<Job> = {}): boolean {
  const job = aJob(members)
  return matchesAll({ job, definition, statusReason: job.progress.statusReason }, [condition])
}

const named = (members: Partial<Job['request']>) => ({ request: { jobName: 'Job-1', ...members } })

describe('matchesAll', () => {
  it.each<[JobCondition, Partial<Job>, boolean]>([
    [{ name: 'STATUS', states: ['FAILED', 'RUNNABLE'] }, {}, true],
    [{ name: 'STATUS', states: ['FAILED'] }, {}, false],
    [{ name: 'JOB_NAME', values: ['other', 'jOb-1'] }, named({}), true],
    [{ name: 'JOB_NAME', values: ['job'] }, named({}), false],
    [{ name: 'JOB_DEFINITION', values: ['align'] }, {}, true],
    [{ name: 'JOB_DEFINITION', values: ['al*'] }, {}, true],
    [{ name: 'JOB_DEFINITION', values: ['Align'] }, {}, false],
    [{ name: 'JOB_DEFINITION', values: ['align:3'] }, {}, true],
    [{ name: 'JOB_DEFINITION', values: ['align:2'] }, {}, false],
    [{ name: 'SHARE_IDENTIFIER', values: ['team*'] }, named({ shareIdentifier: 'teamA' }), true],
    [{ name: 'SHARE_IDENTIFIER', values: ['team'] }, named({ shareIdentifier: 'teamA' }), false],
    [{ name: 'SHARE_IDENTIFIER', values: ['*'] }, named({}), true],
    [{ name: 'TAG', tags: [{ key: 'a' }] }, named({ tags: { a: '' } }), true],
    [{ name: 'TAG', tags: [{ key: 'a', value: '1' }] }, named({ tags: { a: '1' } }), true],
    [{ name: 'TAG', tags: [{ key: 'a', value: '2' }] }, named({ tags: { a: '1' } }), false],
    [{ name: 'TAG', tags: [{ key: 'toString' }] }, named({}), false],
    [
      { name: 'STATUS_REASON', values: ['KILLED'] },
      { progress: aProgress({ statusReason: 'was killed' }) },
      true,
    ],
    [{ name: 'STATUS_REASON', values: ['killed'] }, {}, false],
    [{ name: 'EXIT_CODE', codes: [1, 2] }, { progress: aProgress({ attempts: [anEndedAttempt()] }) }, true],
    [{ name: 'EXIT_CODE', codes: [0] }, { progress: aProgress({ attempts: [anEndedAttempt()] }) }, false],
    [{ name: 'EXIT_CODE', codes: [0] }, {}, false],
    [{ name: 'BEFORE_CREATED_AT', at: 6 }, { createdAt: 5 }, true],
    [{ name: 'BEFORE_CREATED_AT', at: 5 }, { createdAt: 5 }, false],
    [{ name: 'AFTER_CREATED_AT', at: 4 }, { createdAt: 5 }, true],
    [{ name: 'AFTER_CREATED_AT', at: 5 }, { createdAt: 5 }, false],
    [{ name: 'AFTER_STARTED_AT', at: 99 }, { progress: aProgress({ attempts: [anEndedAttempt()] }) }, true],
    [{ name: 'BEFORE_STARTED_AT', at: 99 }, {}, false],
    [{ name: 'BEFORE_STOPPED_AT', at: 8 }, { progress: aProgress({ stoppedAt: 7 }) }, true],
    [{ name: 'AFTER_STOPPED_AT', at: 8 }, { progress: aProgress({ stoppedAt: 7 }) }, false],
    [{ name: 'AFTER_STOPPED_AT', at: 0 }, {}, false],
  ])('judges %j of %j', (condition, members, expected) => {
    expect(matches(condition, members)).toBe(expected)
  })

  it('wants every condition to hold', () => {
    const searched = { job: aJob(), definition, statusReason: undefined }
    const yes: JobCondition = { name: 'STATUS', states: ['RUNNABLE'] }
    expect(matchesAll(searched, [yes, { name: 'STATUS', states: ['FAILED'] }])).toBe(false)
    expect(matchesAll(searched, [yes, yes])).toBe(true)
    expect(matchesAll(searched, [])).toBe(true)
  })
})

describe('matchesPattern', () => {
  it('is what the regular expression of the pattern says', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'B', 'b', '-'), maxLength: 8 })
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '-', '*'), maxLength: 8 })
    fc.assert(
      fc.property(text, pattern, (name, glob) => {
        const expression = new RegExp(`^${glob.replaceAll('*', '.*')}$`, 'i')
        expect(matchesPattern(name, glob)).toBe(expression.test(name))
      }),
      { numRuns: 1_000 },
    )
  })
})
