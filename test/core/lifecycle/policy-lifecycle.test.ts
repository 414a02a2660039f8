import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createdPolicy, updatedPolicy } from '../../../src/core/lifecycle/policy-lifecycle.ts'
import type { PolicyBody } from '../../../src/core/model/scheduling-policy.ts'

const quotaSharePolicy = { idleResourceAssignmentStrategy: 'FIFO' }

function shares(...identifiers: string[]): PolicyBody {
  return {
    fairsharePolicy: { shareDistribution: identifiers.map((shareIdentifier) => ({ shareIdentifier })) },
  }
}

describe('createdPolicy', () => {
  it.each<PolicyBody>([
    {},
    { quotaSharePolicy },
    shares(),
    shares('a', 'ab', 'b*', 'c'),
    shares('a*', 'ab/c', 'ab/d*', 'x/*', 'ab/c/*'),
  ])('takes %j', (body) => {
    expect(createdPolicy(body)).toEqual({ ok: true, value: body })
  })

  it.each([
    [['a', 'a']],
    [['a*', 'a']],
    [['ab', 'a*']],
    [['a*', 'ab*']],
    [['*', 'x']],
    [['t/a', 't/a']],
    [['t/a*', 'b', 't/ab']],
    [['t/*', 't/u']],
  ])('refuses the shares %j, which overlap', (identifiers) => {
    expect(createdPolicy(shares(...identifiers))).toMatchObject({
      ok: false,
      refusal: { message: expect.stringContaining('overlap') },
    })
  })

  it('finds an overlap wherever it is', () => {
    const share = fc.stringMatching(/^([ab]\/){0,2}[ab]{1,3}\*?$/)
    const covers = (one: string, other: string) =>
      one === other ||
      (one.endsWith('*') &&
        other.split('/').length === one.split('/').length &&
        other.replace('*', '').startsWith(one.slice(0, -1)))
    fc.assert(
      fc.property(fc.array(share, { maxLength: 5 }), (identifiers) => {
        const overlap = identifiers.some((one, i) =>
          identifiers.some((other, j) => i !== j && covers(one, other)),
        )
        expect(createdPolicy(shares(...identifiers)).ok).toBe(!overlap)
      }),
    )
  })

  it('refuses two kinds at once', () => {
    expect(createdPolicy({ quotaSharePolicy, ...shares() }).ok).toBe(false)
  })
})

describe('updatedPolicy', () => {
  it('replaces the policy of its kind', () => {
    expect(updatedPolicy(shares('a'), shares('b'))).toEqual({ ok: true, value: shares('b') })
    expect(updatedPolicy({}, shares('b'))).toEqual({ ok: true, value: shares('b') })
  })

  it('replaces nothing by shares that overlap', () => {
    expect(updatedPolicy(shares('a'), shares('t/*', 't/u'))).toMatchObject({
      ok: false,
      refusal: { message: expect.stringContaining('t/* and t/u overlap') },
    })
  })

  it('never changes the kind', () => {
    expect(updatedPolicy(shares('a'), { quotaSharePolicy }).ok).toBe(false)
    expect(updatedPolicy({}, { quotaSharePolicy }).ok).toBe(false)
    expect(updatedPolicy({ quotaSharePolicy }, shares('a')).ok).toBe(false)
  })
})
