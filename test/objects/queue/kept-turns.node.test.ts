import { describe, expect, it } from 'vitest'
import { FairShare } from '../../../src/core/scheduling/fair-share.ts'
import { useOf } from '../../../src/core/scheduling/share-usage.ts'
import type { ShareWalk } from '../../../src/core/scheduling/share-walk.ts'
import { KeptTurns } from '../../../src/objects/queue/kept-turns.ts'

const resources = { cpuMilli: 1_000, memoryMiB: 0, gpuMilli: 0, diskMiB: 0 }
const use = useOf(resources)
const limit = (level: string) => ({ reason: `${level} is full`, level, lasts: true })

/** One turn of each share. */
function turns(walk: ShareWalk): string[] {
  const found: string[] = []
  for (let share = walk.next(); share !== undefined; share = walk.next()) {
    found.push(share)
    walk.drop(share)
  }
  return found.sort()
}

function keptTurns() {
  const fair = new FairShare({}, resources)
  for (const share of ['red', 'blue/1', 'blue/2']) fair.hold(share, use, 0)
  const waiting = ['red', 'blue/1', 'blue/2', 'blue/3'].map((share, since) => ({ share, since }))
  return { fair, kept: new KeptTurns(fair, waiting, 0) }
}

describe('a share whose next job would break a limit', () => {
  it('is passed over, with the reason, but stands among those that wait', () => {
    const { kept } = keptTurns()
    kept.passOver('red', 0, limit('red'))
    expect(turns(kept.begin(0))).toEqual(['blue/1', 'blue/2', 'blue/3'])
    expect(turns(kept.beginWithAll(0))).toEqual(['blue/1', 'blue/2', 'blue/3', 'red'])
    expect([kept.limitOf('red'), kept.limitOf('blue/1')]).toEqual(['red is full', undefined])
  })

  it('has its turn again once an attempt ends at the level whose limit it is', () => {
    const { fair, kept } = keptTurns()
    kept.passOver('red', 0, limit('red'))
    for (const [since, share] of ['blue/1', 'blue/2'].entries()) kept.passOver(share, since, limit('blue'))
    kept.passOver('blue/3', 3, limit('blue/3'))
    fair.hold('blue/1', use, 0)
    expect(turns(kept.begin(0))).toEqual([])
    fair.release('blue/1', use, 0)
    expect(turns(kept.begin(0))).toEqual(['blue/1', 'blue/2'])
    expect(kept.limitOf('blue/1')).toBeUndefined()
  })

  it('has it once its own jobs have changed, and none when it has none', () => {
    const { kept } = keptTurns()
    for (const share of ['red', 'blue/1']) kept.passOver(share, 0, limit(share))
    kept.waits('red', 9)
    kept.waits('blue/1', undefined)
    expect(turns(kept.begin(0))).toEqual(['blue/2', 'blue/3', 'red'])
  })
})
