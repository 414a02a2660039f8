import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type BlockedHead,
  blockedAfterMs,
  decideHead,
  type Head,
  reasonCode,
} from '../../../src/core/scheduling/blocked-head.ts'

const misfit = 'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT'
const capacity = 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY'
const actionFor = (reason: string, maxTimeSeconds = 600) => ({
  reason,
  maxTimeSeconds,
  state: 'RUNNABLE',
  action: 'CANCEL',
})
const actions = [actionFor(misfit)]
const head: Head = { seq: 1, reason: misfit }
const since: BlockedHead = { seq: 1, reason: misfit, since: 1_000, told: true }

describe('decideHead', () => {
  it('remembers since when the head has waited for a reason that has an action', () => {
    expect(decideHead(actions, undefined, head, 1_000)).toEqual({
      blocked: { seq: 1, reason: misfit, since: 1_000 },
      lookAt: 1_000 + blockedAfterMs,
    })
    expect(decideHead(actions, since, head, 600_999)).toEqual({ blocked: since, lookAt: 601_000 })
  })

  it('cancels it when the time is over', () => {
    expect(decideHead(actions, since, head, 601_000)).toEqual({
      blocked: since,
      cancel: {
        seq: 1,
        statusReason: `Canceled by JobStateTimeLimit action due to reason: ${misfit}`,
      },
    })
  })

  it.each<[string, Head | undefined]>([
    ['nobody waits', undefined],
    ['the head waits for a busy host', { seq: 1 }],
    ['the reason is none that blocks a queue', { seq: 1, reason: 'QUEUE_LIMIT' }],
  ])('remembers nothing where %s', (_, present) => {
    expect(decideHead(actions, since, present, 700_000)).toEqual({})
  })

  it.each<[string, Head]>([
    ['another job is at the head', { seq: 2, reason: misfit }],
    ['the reason is another', { seq: 1, reason: capacity }],
  ])('starts the clock anew where %s', (_, present) => {
    const both = [...actions, actionFor(capacity, 1_000)]
    const { blocked, cancel } = decideHead(both, since, present, 700_000)
    expect(blocked).toEqual({ ...present, since: 700_000 })
    expect(cancel).toBeUndefined()
  })

  it('says once that the queue is blocked, when the head has waited for a while', () => {
    const first = decideHead([], undefined, head, 1_000)
    const second = decideHead([], first.blocked, head, 1_000 + blockedAfterMs)
    expect(second).toEqual({ blocked: since, tell: true })
    expect(decideHead([], second.blocked, head, 90_000_000)).toEqual({ blocked: since })
  })

  it('never says it for a reason that passes before', () => {
    const first = decideHead([], undefined, head, 0)
    expect(decideHead([], first.blocked, { seq: 1 }, blockedAfterMs)).toEqual({})
    expect(decideHead([], first.blocked, { seq: 2, reason: misfit }, blockedAfterMs).tell).toBeUndefined()
  })

  it('judges by the present action, whenever it was set', () => {
    expect(decideHead([actionFor(misfit, 1_200)], since, head, 700_000).lookAt).toBe(1_201_000)
    expect(decideHead([], since, head, 700_000)).toEqual({ blocked: since })
  })

  it('cancels only what was at the head for one reason, at every look, for the whole time', () => {
    const look = fc.record({
      passes: fc.integer({ min: 1, max: 400_000 }),
      seq: fc.constantFrom(1, 1, 1, 2),
      reason: fc.constantFrom(misfit, misfit, misfit, capacity, undefined),
    })
    fc.assert(
      fc.property(fc.array(look, { maxLength: 40 }), (looks) => {
        let now = 0
        let blocked: BlockedHead | undefined
        let unbroken: { seq: number; reason: string | undefined; since: number } | undefined
        for (const { passes, seq, reason } of looks) {
          now += passes
          if (unbroken?.seq !== seq || unbroken.reason !== reason) unbroken = { seq, reason, since: now }
          const present = { seq, ...(reason === undefined ? {} : { reason }) }
          const decision = decideHead(actions, blocked, present, now)
          blocked = decision.blocked
          const due = reason === misfit && now - unbroken.since >= 600_000
          expect(decision.cancel !== undefined).toBe(due)
        }
      }),
    )
  })
})

describe('reasonCode', () => {
  it('is what stands before the text', () => {
    expect(reasonCode(`${misfit} - No connected host - at all`)).toBe(misfit)
    expect(reasonCode('UNDETERMINED')).toBe('UNDETERMINED')
  })
})
