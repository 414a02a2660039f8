import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noResources } from '../../../src/core/model/resources.ts'
import { FairShare, ownPath } from '../../../src/core/scheduling/fair-share.ts'
import { useOf } from '../../../src/core/scheduling/share-usage.ts'
import { ShareWalk } from '../../../src/core/scheduling/share-walk.ts'
import { queueMigrations } from '../../../src/objects/queue/queue-schema.ts'
import { ReadyOrder } from '../../../src/objects/queue/ready-order.ts'
import { compareOrder, type OrderKey, ReadyStore } from '../../../src/objects/queue/ready-store.ts'
import { migrate } from '../../../src/runtime/migrate.ts'
import { NodeSql } from '../../../src/runtime/node-sql.ts'

/** The order over a store of its own, and beside it a list of all that has not been dropped. */
class Rig {
  readonly sql = new NodeSql()
  readonly store: ReadyStore
  readonly order: ReadyOrder
  readonly model: OrderKey[] = []
  private seq = 0

  constructor() {
    migrate(this.sql, queueMigrations)
    this.store = new ReadyStore(this.sql)
    this.order = new ReadyOrder(this.store)
  }

  add(share: number, priority: number, front = false): OrderKey {
    const key = { share, priority, front, seq: ++this.seq }
    this.sql.run(
      `INSERT INTO job (seq, ready, front, priority, state, created_at, definition, unmet, progress, request, share)
       VALUES (?, 1, ?, ?, 2, 0, 1, 0, '', '', ?)`,
      key.seq,
      front ? 1 : 0,
      priority,
      share,
    )
    this.comeReady(key)
    return key
  }

  comeReady(key: OrderKey): void {
    this.order.reconsider(key)
    if (!this.model.includes(key)) this.model.push(key)
  }

  drop(key: OrderKey): void {
    this.order.drop(key)
    if (this.model.includes(key)) this.model.splice(this.model.indexOf(key), 1)
  }

  of(share: number): number[] {
    return this.model
      .filter((key) => key.share === share)
      .sort(compareOrder)
      .map(({ seq }) => seq)
  }
}

/** The same in a queue whose shares 1 to 3 take turns by their use. */
class TurnsRig extends Rig {
  readonly fair = new FairShare({ shareDecaySeconds: 60 }, noResources)
  now = 0
  private readonly names = ['red', 'blue', 'blue/1']

  constructor() {
    super()
    for (const name of this.names) this.store.shareNumber(name)
  }

  act(share: number, act: string): void {
    const name = this.names[share - 1]!
    const use = useOf({ ...noResources, cpuMilli: 1_000 * share })
    const first = this.model.find((key) => key.share === share)
    if (act === 'add') this.add(share, 0)
    else if (act === 'restart') this.order.restart()
    else if (act === 'wait') this.now += 30_000
    else if (act === 'hold') this.fair.hold(name, use, this.now)
    else if (act === 'drop' && first) this.drop(first)
    else if (act === 'release' && this.fair.heldBy(ownPath(name)).attempts > 0)
      this.fair.release(name, use, this.now)
  }
}

function take(order: ReadyOrder, share: number, count: number): number[] {
  const found: number[] = []
  for (const { seq } of order.of(share)) if (found.push(seq) >= count) break
  return found
}

const shares = fc.integer({ min: 0, max: 2 })
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.tuple(fc.constant('add' as const), shares, fc.integer({ min: 0, max: 2 })) },
    { weight: 3, arbitrary: fc.tuple(fc.constant('tick' as const), shares, fc.integer({ min: 0, max: 30 })) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('return' as const), shares, fc.nat()) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('walk' as const), shares, fc.integer({ min: 1, max: 40 })) },
  ),
  { maxLength: 150 },
)

describe('the order of a share', () => {
  it('is by priority, then retried before new, then age; other shares are no part of it', () => {
    const rig = new Rig()
    const keys = [rig.add(1, 0), rig.add(1, 5), rig.add(2, 9), rig.add(1, 0, true), rig.add(1, 5)]
    expect(take(rig.order, 1, 9)).toEqual([keys[1]!.seq, keys[4]!.seq, keys[3]!.seq, keys[0]!.seq])
  })

  it('meets, whatever comes and goes, exactly what has not been dropped, in order', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const rig = new Rig()
        const dropped: OrderKey[] = []
        for (const [step, share, n] of all) {
          const waiting = rig.of(share)
          if (step === 'add') for (let i = 0; i < 5; i++) rig.add(share, n, i === 4)
          if (step === 'walk') expect(take(rig.order, share, n)).toEqual(waiting.slice(0, n))
          if (step === 'return' && dropped.length > 0) rig.comeReady(dropped[n % dropped.length]!)
          // What a tick starts is dropped while it walks.
          if (step === 'tick')
            for (const key of rig.order.of(share)) {
              if (dropped.length % (n + 1) === n) break
              dropped.push(rig.model.find(({ seq }) => seq === key.seq)!)
              rig.drop(dropped.at(-1)!)
            }
        }
        for (const share of [0, 1, 2])
          expect(take(rig.order, share, Number.POSITIVE_INFINITY)).toEqual(rig.of(share))
      }),
    )
  })

  it('goes on behind more jobs than are kept in memory', () => {
    const rig = new Rig()
    for (let i = 0; i < 1_000; i++) rig.add(0, i % 3)
    expect(take(rig.order, 0, Number.POSITIVE_INFINITY)).toEqual(rig.of(0))
  })

  it('tells of shares that have jobs, with the first one of each, and no more of one whose jobs are all dropped', () => {
    const rig = new Rig()
    const [red, blue] = [rig.store.shareNumber('red'), rig.store.shareNumber('blue')]
    const keys = [rig.add(red, 0), rig.add(blue, 0), rig.add(red, 7)]
    rig.order.restart()
    expect(rig.order.shares()).toEqual([
      { share: 'red', since: keys[2]!.seq },
      { share: 'blue', since: keys[1]!.seq },
    ])
    for (const { seq } of [...rig.order.of(red)]) rig.drop(keys.find((key) => key.seq === seq)!)
    expect(rig.order.shares().map(({ share }) => share)).toEqual(['blue'])
  })

  it('keeps the turns of its shares as they would be if taken anew', () => {
    const act = fc.constantFrom('add', 'add', 'drop', 'restart', 'hold', 'release', 'wait')
    const step = fc.record({ share: fc.integer({ min: 1, max: 3 }), act })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const rig = new TurnsRig()
        for (const { share, act } of steps) {
          rig.act(share, act)
          const anew = new ShareWalk(rig.fair, rig.order.shares(), rig.now)
          const kept = rig.order.turns(rig.fair, rig.now)
          for (let next = anew.next(); next !== undefined; next = anew.next()) {
            expect(kept.next()).toBe(next)
            for (const walk of [anew, kept]) walk.drop(next)
          }
          expect(kept.next()).toBeUndefined()
        }
      }),
    )
  })
})
