import { describe, expect, it } from 'vitest'
import { decideTags } from '../../../src/core/decisions/change-tags.ts'

describe('decideTags', () => {
  it('merges, and overwrites what has the same key', () => {
    const tags = decideTags({ a: '1', b: '2' }, { add: { b: '3', c: '4' } })
    expect(tags).toEqual({ ok: true, value: { a: '1', b: '3', c: '4' } })
  })

  it('removes what is there', () => {
    expect(decideTags({ a: '1', b: '2' }, { remove: ['b', 'x'] })).toEqual({ ok: true, value: { a: '1' } })
  })

  it('counts what there is in the end', () => {
    const full = Object.fromEntries([...Array(50).keys()].map((i) => [`k${i}`, '']))
    expect(decideTags(full, { add: { k0: 'new' } }).ok).toBe(true)
    expect(decideTags(full, { add: { one: 'more' } })).toMatchObject({
      refusal: { message: 'tags: a resource must have at most 50 tags' },
    })
  })

  it('leaves the keys of AWS alone', () => {
    for (const change of [{ add: { 'aws:a': '' } }, { remove: ['aws:a'] }])
      expect(decideTags({}, change).ok).toBe(false)
  })
})
