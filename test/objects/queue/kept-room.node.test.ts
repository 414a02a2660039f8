import { describe, expect, it } from 'vitest'
import { KeptRoom } from '../../../src/objects/queue/kept-room.ts'

const asked = (...environments: number[]) => new Set(environments)

describe('KeptRoom', () => {
  it('is for the first attempt that found no room, whatever the requests that go on come to', () => {
    const kept = new KeptRoom()
    expect(kept.isNone).toBe(true)
    kept.note(1, [{ attemptId: 'head' }, { attemptId: 'next' }], false)
    kept.note(1, [{ attemptId: 'later' }], true)
    kept.placed('later', 2)
    expect(kept.giveUp(asked(1))).toEqual([])
    kept.placed('head', 2)
    expect(kept.giveUp(asked(1, 2))).toEqual([[1, { continues: true, elsewhere: ['head'] }]])
    kept.gaveUp(1)
    expect(kept.isNone).toBe(true)
  })

  it('is given up where nothing was asked for any more, and not where its attempt was placed', () => {
    const kept = new KeptRoom()
    kept.note(1, [{ attemptId: 'head' }], false)
    kept.placed('head', 1)
    expect(kept.giveUp(asked(1))).toEqual([])
    expect(kept.giveUp(asked())).toEqual([[1, {}]])
  })
})
