import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideExpiry, type PastJob, sweepEveryMs } from '../../../src/core/decisions/expire-jobs.ts'

const day = 86_400_000
const historyMs = 10 * day
const now = 100 * day
const at = { now, historyMs }

function aPastJob(members: Partial<PastJob> = {}): PastJob {
  return { seq: 1, createdAt: 0, stoppedAt: day, childRows: 0, ...members }
}

describe('decideExpiry', () => {
  it('lets go of what has been over for the whole time, and of nothing else', () => {
    const jobs = [
      aPastJob({ seq: 1 }),
      { seq: 2, createdAt: 0, childRows: 0 },
      aPastJob({ seq: 3, stoppedAt: now - historyMs + 1 }),
      aPastJob({ seq: 4, stoppedAt: now - historyMs }),
    ]
    const { expired } = decideExpiry(jobs, true, at)
    expect(expired.map(({ seq }) => seq)).toEqual([1, 4])
  })

  it('counts from the creation where a host says that the job ended before it', () => {
    const jobs = [aPastJob({ createdAt: now - historyMs + 5, stoppedAt: 200 })]
    expect(decideExpiry(jobs, true, at).expired).toEqual([])
  })

  it('looks again when the next job expires, but not sooner than after a few hours', () => {
    const nextAt = (stoppedAt: number) => decideExpiry([aPastJob({ stoppedAt })], true, at).nextAt
    expect(nextAt(now - historyMs + 1)).toBe(now + sweepEveryMs)
    expect(nextAt(now - day)).toBe(now - day + historyMs)
    expect(decideExpiry([{ seq: 1, createdAt: 0, childRows: 0 }], true, at).nextAt).toBe(now + historyMs)
  })

  it('never looks again when nothing is left', () => {
    expect(decideExpiry([aPastJob()], true, at)).toEqual({ expired: [aPastJob()] })
    expect(decideExpiry([], true, at)).toEqual({ expired: [] })
  })

  it('ends at the first job that is too young', () => {
    const read: number[] = []
    function* jobs() {
      for (const [i, createdAt] of [0, now - historyMs + 1, 0].entries()) {
        read.push(i)
        yield aPastJob({ seq: i + 1, createdAt })
      }
    }
    expect(decideExpiry(jobs(), false, at).nextAt).toBe(now + sweepEveryMs)
    expect(read).toEqual([0, 1])
  })

  it('deletes a bounded number of rows at once, except for a single large array', () => {
    const large = aPastJob({ seq: 1, childRows: 8_000 })
    expect(decideExpiry([large, aPastJob({ seq: 2 })], true, at)).toEqual({
      expired: [large],
      resumeAfter: 1,
    })
    const many = Array.from({ length: 3_000 }, (_, i) => aPastJob({ seq: i + 1 }))
    const { expired, resumeAfter } = decideExpiry(many, true, at)
    expect(expired).toHaveLength(1_000)
    expect(resumeAfter).toBe(1_000)
  })

  it('goes on behind a slice that is not all there is', () => {
    expect(decideExpiry([aPastJob({ seq: 7 })], false, at).resumeAfter).toBe(7)
  })

  it('slice by slice finds what a look at all of them would, whatever the slices', () => {
    const past = fc.record(
      {
        createdAt: fc.integer({ min: 0, max: 100 }),
        ran: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
        childRows: fc.constantFrom(0, 0, 1, 700, 5_000),
      },
      { requiredKeys: ['createdAt', 'ran', 'childRows'] },
    )
    fc.assert(
      fc.property(fc.array(past, { maxLength: 40 }), fc.integer({ min: 1, max: 10 }), (drafts, size) => {
        drafts.sort((a, b) => a.createdAt - b.createdAt)
        const jobs = drafts.map(
          ({ createdAt, ran, childRows }, i): PastJob => ({
            seq: i + 1,
            createdAt: createdAt * day,
            childRows,
            ...(ran === undefined ? {} : { stoppedAt: (createdAt + ran) * day }),
          }),
        )
        const wanted = jobs.filter(({ stoppedAt }) => stoppedAt !== undefined && stoppedAt + historyMs <= now)
        const found: PastJob[] = []
        for (let after: number | undefined = 0; after !== undefined; ) {
          const slice = jobs.filter(({ seq }) => seq > after!).slice(0, size)
          const expiry = decideExpiry(slice, slice.length < size, at)
          found.push(...expiry.expired)
          after = expiry.resumeAfter
        }
        expect(found).toEqual(wanted)
      }),
    )
  })
})
