import { beforeEach, describe, expect, it } from 'vitest'
import { Turns } from '../../../src/objects/environment/turns.ts'

const [low, high] = [1, 2]
let growth: number
let woken: number[]
let failing: Set<number>
let later: (() => unknown)[]
let asksAgain: (queue: number) => void
let turns: Turns

/** Lets everything happen that is planned. */
async function settle(): Promise<void> {
  for (let task = later.shift(); task; task = later.shift()) await task()
}

beforeEach(() => {
  growth = 0
  woken = []
  failing = new Set()
  later = []
  asksAgain = () => undefined
  const scheduler = { later: (_: number, task: () => unknown) => void later.push(task) }
  turns = new Turns(
    scheduler,
    () => growth,
    async (queue) => {
      if (failing.delete(queue)) throw new Error('unreachable')
      woken.push(queue)
      asksAgain(queue)
    },
  )
  turns.attach([
    { number: low, name: 'low', priority: 1 },
    { number: high, name: 'high', priority: 9 },
  ])
})

describe('queues that wait for room', () => {
  it('have their turn by priority when there is more, the lower ones too where the higher still wait', async () => {
    asksAgain = (queue) => turns.blocked(queue)
    for (const queue of [low, high]) turns.blocked(queue)
    growth++
    turns.roomAfterReport(3)
    await settle()
    expect(woken).toEqual([high, low])
  })

  it('of lower priority yield until the higher have had their turn since room last grew', async () => {
    turns.blocked(high)
    expect(turns.yieldsTo(low)).toBeUndefined()
    growth++
    expect(turns.yieldsTo(low)).toBe(high)
    expect(turns.yieldsTo(high)).toBeUndefined()
    asksAgain = (queue) => turns.blocked(queue)
    turns.serve()
    await settle()
    expect(turns.yieldsTo(low)).toBeUndefined()
    asksAgain = () => expect(turns.yieldsTo(low)).toBe(high)
    turns.serve()
    await settle()
    expect(woken).toEqual([high, high])
  })

  it('are woken again when they could not be, and those below them only then', async () => {
    for (const queue of [low, high]) turns.blocked(queue)
    failing.add(high)
    growth++
    turns.serve()
    await later.shift()!()
    expect(woken).toEqual([])
    expect(turns.yieldsTo(low)).toBe(high)
    await settle()
    expect(woken).toEqual([high, low])
  })
})
