import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BarrenBlocks } from '../../../src/objects/queue/barren-blocks.ts'

const newest = 20_000
const seq = fc.integer({ min: 1, max: newest })
const step = fc.oneof(
  fc.record({ kind: fc.constantFrom('runnable', 'other'), seq }),
  fc.record({ kind: fc.constant('look'), seq: fc.oneof(seq, fc.constant(Number.MAX_SAFE_INTEGER)) }),
)

/** Looks for RUNNABLE jobs below `before` as a list does, some thousand jobs at a time; the rest is passed over. */
function found(barren: BarrenBlocks, runnable: ReadonlySet<number>, before: number): number[] {
  const all: number[] = []
  for (let at = before; ; ) {
    const below = barren.skip(at)
    const top = Math.min(below - 1, newest)
    if (top < 1) return all
    const from = barren.reach(Math.max(0, top - 3_000), top + 1)
    const seqs = [...runnable].filter((one) => one >= from && one <= top)
    all.push(...seqs)
    barren.noteLookedAt(from, below, top, seqs)
    at = from
  }
}

describe('what is passed over', () => {
  it('is none that is RUNNABLE, whatever jobs have become meanwhile', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const barren = new BarrenBlocks()
        const runnable = new Set<number>()
        for (const { kind, seq } of steps)
          if (kind === 'runnable') {
            runnable.add(seq)
            barren.noteRunnable(seq)
          } else if (kind === 'other') runnable.delete(seq)
          else {
            const meant = [...runnable].filter((one) => one < seq)
            expect(found(barren, runnable, seq).toSorted()).toEqual(meant.toSorted())
          }
      }),
    )
  })

  it('is everything, where nothing is', () => {
    const barren = new BarrenBlocks()
    found(barren, new Set(), Number.MAX_SAFE_INTEGER)
    expect(barren.skip(newest + 1)).toBe(0)
    barren.noteRunnable(5_000)
    expect(barren.skip(newest + 1)).toBe(5_120)
    expect(barren.reach(0, 5_120)).toBe(4_096)
  })
})
