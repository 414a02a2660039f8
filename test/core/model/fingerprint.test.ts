import { describe, expect, it } from 'vitest'
import { fingerprint } from '../../../src/core/model/fingerprint.ts'

describe('fingerprint', () => {
  it('is the same whatever the order of members', () => {
    expect(fingerprint({ a: 1, b: { c: [1, 2], d: 'x' } })).toBe(
      fingerprint({ b: { d: 'x', c: [1, 2] }, a: 1 }),
    )
  })

  it.each([[{ a: 1, b: 3 }], [{ a: 1 }], [{ a: 1, b: { c: [2, 1] } }], [{ a: '1', b: { c: [1, 2] } }]])(
    'tells %j from another request',
    (other) => {
      expect(fingerprint(other)).not.toBe(fingerprint({ a: 1, b: { c: [1, 2] } }))
    },
  )
})
