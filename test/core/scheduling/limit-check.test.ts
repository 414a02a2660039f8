import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FairShare } from '../../../src/core/scheduling/fair-share.ts'
import { LimitCheck } from '../../../src/core/scheduling/limit-check.ts'
import { noUse, useOf } from '../../../src/core/scheduling/share-usage.ts'

const resources = (vcpus: number) => ({ cpuMilli: vcpus * 1000, memoryMiB: 0, gpuMilli: 0, diskMiB: 0 })
const vcpus = (count: number) => useOf(resources(count))
const nothing = { use: noUse, attempts: 0 }

describe('LimitCheck', () => {
  it('counts what has been asked for as if it were placed', () => {
    const check = new LimitCheck({
      limits: { runningJobs: 2 },
      held: nothing,
      fair: undefined,
      active: () => 0,
    })
    check.take('', vcpus(1))
    expect(check.ofQueue(vcpus(1))).toBeUndefined()
    check.take('', vcpus(1))
    expect(check.ofQueue(vcpus(1))).toBe('QUEUE_LIMIT - the job queue may run 2 at once and runs 2')
  })

  it('holds a share to the limits of every level above it, with what it holds already', () => {
    const distribution = [{ shareIdentifier: 'team', limits: { vcpus: 3 } }]
    const fair = new FairShare({ shareDistribution: distribution }, resources(8))
    fair.hold('team/a', vcpus(2), 0)
    const check = new LimitCheck({ limits: undefined, held: nothing, fair, active: () => 1 })
    const large = check.ofShare('team/b', vcpus(2))
    expect(large).toMatchObject({ level: 'team', lasts: true })
    expect(large!.reason).toMatch(/^SHARE_LIMIT - share team may use 3 vCPU and uses 2/)
    expect(check.ofShare('team/b', vcpus(1))).toBeUndefined()
    check.take('team/b', vcpus(1))
    expect(check.ofShare('team/a', vcpus(1))).toMatchObject({ level: 'team', lasts: false })
    expect(check.ofShare('other', vcpus(5))).toBeUndefined()
  })

  it('keeps what computeReservation says for shares that are not active, but lets one run', () => {
    const fair = new FairShare({ computeReservation: 50 }, resources(8))
    const check = (attempts: number, use: number) =>
      new LimitCheck({ limits: {}, held: { use: vcpus(use), attempts }, fair, active: () => 1 })
    expect(check(0, 0).ofQueue(vcpus(8))).toBeUndefined()
    expect(check(1, 2).ofQueue(vcpus(2))).toBeUndefined()
    expect(check(1, 3).ofQueue(vcpus(2))).toMatch(/^SHARE_RESERVATION - .*: 4 may be used, 3 are$/)
  })

  it('never lets more through than a limit', () => {
    const asks = fc.array(fc.integer({ min: 1, max: 5 }))
    fc.assert(
      fc.property(asks, fc.integer({ min: 1, max: 10 }), (wanted, most) => {
        const limits = { vcpus: most }
        const check = new LimitCheck({ limits, held: nothing, fair: undefined, active: () => 0 })
        const taken = wanted.filter((count) => {
          if (check.ofQueue(vcpus(count)) !== undefined) return false
          check.take('', vcpus(count))
          return true
        })
        expect(taken.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(most)
      }),
    )
  })
})
