import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ImageIndex } from '../../../src/core/scheduling/image-index.ts'

const names = ['a:1', 'b:1', 'c:1', 'd:1']

describe('ImageIndex', () => {
  it('knows who has what, whatever they had before', () => {
    const change = fc.tuple(fc.nat(3), fc.subarray(names))
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), fc.subarray(names), (changes, wanted) => {
        const index = new ImageIndex()
        const plain = new Map<number, string[]>()
        for (const [host, images] of changes) {
          index.set(host, images)
          plain.set(host, images)
          for (const name of names) {
            const having = [...plain].filter(([, has]) => has.includes(name)).map(([one]) => one)
            expect(new Set(index.holders(name))).toEqual(new Set(having))
          }
          for (const [one, has] of plain)
            expect(index.count(one, wanted)).toBe(has.filter((name) => wanted.includes(name)).length)
        }
      }),
    )
  })

  it('keeps a bounded number of names, and has room for others when those are gone', () => {
    const index = new ImageIndex()
    index.set(
      0,
      Array.from({ length: 20_000 }, (_, at) => `image:${at}`),
    )
    index.set(1, ['image:7', 'one:more'])
    expect(index.count(1, ['image:7', 'one:more'])).toBe(1)
    index.set(0, [])
    index.set(1, ['image:7', 'one:more'])
    expect(index.count(1, ['image:7', 'one:more'])).toBe(2)
  })
})
