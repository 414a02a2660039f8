import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PresentState } from '../../../src/core/simulation/changed-state.ts'
import { type WhatIfQuestion, whatIf } from '../../../src/core/simulation/what-if.ts'
import { aHost, aQueue, aRun, aState, aWork, capacity, jobOf, now, waits } from './present-builders.ts'

const ask = (state: PresentState, question: Partial<WhatIfQuestion> = {}) =>
  whatIf(state, { queue: 1, assumedMs: 600_000, changes: {}, ...question }, jobOf)
const startOf = (state: PresentState, question: Partial<WhatIfQuestion> = {}) => {
  const { startsAt } = ask(state, question).whatIf.job ?? {}
  return startsAt === undefined ? undefined : (startsAt - now) / 1000
}
const newJob = (work = aWork(), count = 1, atOnce = count) => ({
  work,
  share: '',
  priority: 0,
  count,
  atOnce,
})
const oneHost = (...vcpus: number[]) => ({
  hosts: vcpus.map((count, i) => aHost(String.fromCharCode(97 + i), count)),
})

describe('whatIf', () => {
  it('starts a new job when what runs ends by what its kind ran of late', () => {
    const queue = aQueue({
      works: [aWork({ learned: 100 })],
      running: [{ seq: 1, work: 0, share: '', priority: 0 }],
    })
    const state = aState([queue], { runs: [aRun(1, { age: 30 })] })
    const { job } = ask(state, { newJob: newJob() }).whatIf
    expect(job).toMatchObject({
      startsAt: now + 70_000,
      runTime: { ms: 600_000, basis: 'ASSUMED' },
      hosts: [{ environment: 1, attempts: 1, instanceId: 'a', isAdded: false }],
    })
    expect(job!.dollars).toBeCloseTo(0.04048 / 6)
  })

  it('expects what has run longer than its kind did to run as long again, but never beyond its bound', () => {
    const queue = aQueue({
      works: [aWork({ learned: 100 })],
      running: [{ seq: 1, work: 0, share: '', priority: 0 }],
    })
    const run = aRun(1, { age: 300 })
    expect(startOf(aState([queue], { runs: [run] }), { newJob: newJob() })).toBe(300)
    const bounded = { ...run, endsBy: now + 50_000 }
    expect(startOf(aState([queue], { runs: [bounded] }), { newJob: newJob() })).toBe(50)
  })

  it('puts a new job behind those that wait, and before them by priority', () => {
    const queue = aQueue({ works: [aWork({ learned: 10 })], waiting: [waits(1), waits(2)] })
    const state = aState([queue])
    expect(startOf(state, { newJob: newJob() })).toBe(20)
    const first = ask(state, { newJob: { ...newJob(), priority: 1 }, runMs: 5000 })
    expect(first.whatIf.job).toMatchObject({ startsAt: now, runTime: { ms: 5000, basis: 'GIVEN' } })
    expect(first.present.waiting.waitMs).toMatchObject({ mean: 5000, max: 10_000 })
    expect(first.whatIf.waiting.waitMs).toMatchObject({ mean: 10_000, max: 15_000 })
  })

  it('says of a job that waits when it starts as things are, and when they are changed', () => {
    const queue = aQueue({ works: [aWork({ learned: 10 })], waiting: [waits(1), waits(2), waits(3)] })
    const state = aState([queue])
    const add = [{ capacity: capacity(4), cards: 0, architecture: 'ARM64' as const, labels: {} }]
    const changes = { hosts: [{ environment: 1, add, remove: [] }] }
    const { present, whatIf } = ask(state, { waiting: 3, changes })
    expect(present.job!.startsAt).toBe(now + 20_000)
    expect(whatIf.job).toMatchObject({
      startsAt: now,
      hosts: [{ isAdded: true, host: { capacity: capacity(4) } }],
    })
  })

  it('starts nothing on hosts that are removed, where what runs goes on', () => {
    const queue = aQueue({
      works: [aWork({ learned: 10 })],
      running: [{ seq: 1, work: 0, share: '', priority: 0 }],
    })
    const state = aState([queue], { ...oneHost(2, 1), runs: [aRun(1, { host: 'b' })] })
    const remove = (id: string) => ({ hosts: [{ environment: 1, add: [], remove: [id] }] })
    expect(startOf(state, { newJob: newJob(), changes: remove('a') })).toBe(10)
    expect(startOf(state, { newJob: newJob(), changes: remove('b') })).toBe(0)
    const both = { hosts: [{ environment: 1, add: [], remove: ['a', 'b'] }] }
    expect(ask(state, { newJob: newJob(), changes: both }).whatIf.job!.never).toBe('no host is connected')
  })

  it('has no more children of an array in flight than may be, those that run counted', () => {
    const queue = aQueue({
      works: [aWork({ learned: 10 })],
      waiting: [waits(1, { count: 3, atOnce: 0 })],
      running: [{ seq: 1, work: 0, share: '', priority: 0 }],
    })
    const state = aState([queue], { ...oneHost(8), runs: [aRun(1, { age: 4 })] })
    const { job } = ask(state, { waiting: 1 }).present
    expect(job).toMatchObject({
      attempts: 3,
      startsAt: now + 6000,
      lastStartsAt: now + 26_000,
      isAtLeast: false,
    })
    const sequential = ask(state, { newJob: newJob(aWork({ learned: 5 }), 4, 2) }).whatIf.job
    expect(sequential).toMatchObject({ attempts: 4, startsAt: now, lastStartsAt: now + 5000 })
  })

  it('lets queues of higher priority go first on hosts that they share', () => {
    const other = aQueue({ number: 2, priority: 5, works: [aWork({ learned: 50 })], waiting: [waits(1)] })
    const state = aState([aQueue(), other])
    expect(startOf(state, { newJob: newJob() })).toBe(50)
    expect(startOf(state, { newJob: newJob(), changes: { priority: 9 } })).toBe(0)
  })

  it('keeps to limits of the queue and of shares', () => {
    const queue = aQueue({ works: [aWork({ learned: 10 })], waiting: [waits(1), waits(2)] })
    const state = aState([queue], oneHost(4))
    const limited = { schedulingSettings: { limits: { runningJobs: 1 } } }
    expect(startOf(state, { newJob: newJob(), changes: limited })).toBe(20)
    const shared = aQueue({
      ...queue,
      fairsharePolicy: {},
      waiting: [waits(1, { share: 'a' }), waits(2, { share: 'a' }), waits(3, { share: 'b' })],
    })
    const limits = { vcpus: 1 }
    const shareDistribution = [{ shareIdentifier: 'a', limits }]
    const forShare = { fairsharePolicy: { shareDistribution } }
    const question = { newJob: { ...newJob(), share: 'a' }, changes: forShare }
    expect(startOf(aState([shared], oneHost(4)), question)).toBe(20)
    expect(startOf(aState([shared], oneHost(4)), { ...question, newJob: { ...newJob(), share: 'b' } })).toBe(
      0,
    )
  })

  it('gives shares their turns by other weights', () => {
    const jobs = [1, 2, 3, 4].map((seq) => waits(seq, { share: 'a' }))
    const queue = aQueue({ works: [aWork({ learned: 10 })], fairsharePolicy: {}, waiting: jobs })
    const question = { newJob: { ...newJob(aWork({ learned: 10 }), 2), share: 'b' } }
    const lastOf = (changes: WhatIfQuestion['changes']) =>
      (ask(aState([queue]), { ...question, changes }).whatIf.job!.lastStartsAt! - now) / 1000
    const heavy = { fairsharePolicy: { shareDistribution: [{ shareIdentifier: 'a', weightFactor: 0.001 }] } }
    expect(lastOf({})).toBe(30)
    expect(lastOf(heavy)).toBe(50)
  })

  it('has others make room where a policy says so: they stop within their grace, and run anew', () => {
    const runs = [1, 2].map((seq) => aRun(seq, { queue: 2, age: seq }))
    const running = [1, 2].map((seq) => ({ seq, work: 0, share: '', priority: 0 }))
    const low = aQueue({
      number: 2,
      priority: 0,
      works: [aWork({ learned: 100 })],
      running,
      waiting: [waits(3)],
    })
    const state = aState([aQueue(), low], { ...oneHost(2), queues: [1, 2], runs })
    expect(startOf(state, { newJob: newJob() })).toBe(98)
    const preempting = { schedulingSettings: { preemption: ['LOWER_QUEUES' as const] } }
    const { whatIf: world } = ask(state, { newJob: newJob(), runMs: 10_000, changes: preempting })
    // The younger of the two goes.
    expect(world.job!.startsAt).toBe(now + 30_000)
    const others = whatIf(state, { queue: 2, assumedMs: 1, changes: {}, waiting: 3 }, jobOf)
    expect(others.present.job!.startsAt).toBe(now + 98_000)
  })

  it('lets a share reclaim what others have beyond their due, and no more', () => {
    const runs = [1, 2, 3, 4].map((seq) => aRun(seq, { age: seq }))
    const running = [1, 2, 3, 4].map((seq) => ({ seq, work: 0, share: 'a', priority: 0 }))
    const queue = aQueue({ works: [aWork({ learned: 100 })], fairsharePolicy: {}, running })
    const state = aState([queue], { ...oneHost(4), runs })
    const question = { newJob: { ...newJob(aWork({ learned: 100 }), 3), share: 'b' } }
    expect(startOf(state, question)).toBe(96)
    const preempting = { schedulingSettings: { preemption: ['SHARES' as const] } }
    const { job } = ask(state, { ...question, changes: preempting }).whatIf
    expect(job!.startsAt).toBe(now + 30_000)
    // Two of four are its due: its third waits for the end of one of these.
    expect(job!.lastStartsAt).toBe(now + 130_000)
  })

  it('takes the first environment of the order that has room', () => {
    const queue = aQueue({ environments: [1, 2] })
    const [first] = aState([queue]).environments
    const second = { ...first!, number: 2, name: 'f', hosts: [aHost('b', 4)] }
    const state = { now, queues: [queue], environments: [first!, second] }
    const whereOf = (changes: WhatIfQuestion['changes']) =>
      ask(state, { newJob: newJob(), changes }).whatIf.job!.hosts[0]!.environment
    expect(whereOf({})).toBe(1)
    expect(whereOf({ environments: [2, 1] })).toBe(2)
    expect(whereOf({ hosts: [{ environment: 1, disabled: true, add: [], remove: [] }] })).toBe(2)
  })

  it.each([
    [
      'no host could hold',
      aWork({ vcpus: 9 }),
      {},
      'no connected host can hold it: 9 vCPU wanted, 4 available',
    ],
    [
      'a limit forbids',
      aWork({ vcpus: 2 }),
      { limits: { vcpus: 1 } },
      'the job queue may use 1 vCPU and uses 0; 2 more are wanted',
    ],
    ['this deployment cannot run', { ...aWork(), never: 'needs a cluster' }, {}, 'needs a cluster'],
  ])('says why what %s never starts', (_, work, schedulingSettings, never) => {
    const state = aState([aQueue({ schedulingSettings })], oneHost(4))
    expect(ask(state, { newJob: newJob(work) }).whatIf.job!.never).toBe(never)
  })

  it('says that a start may be later where not all that waits before it is told', () => {
    const queue = aQueue({ isCut: true, waiting: [waits(1)] })
    expect(ask(aState([queue]), { newJob: newJob() }).whatIf.job!.isAtLeast).toBe(true)
    const urgent = { newJob: { ...newJob(), priority: 1 } }
    expect(ask(aState([queue]), urgent).whatIf.job!.isAtLeast).toBe(false)
  })

  it('leaves the present as it is, and a host more delays nobody that waits alone for its kind', () => {
    const seconds = fc.integer({ min: 1, max: 50 })
    const jobs = fc.array(seconds, { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(jobs, fc.integer({ min: 1, max: 4 }), (learned, vcpus) => {
        const works = learned.map((one) => aWork({ learned: one }))
        const waiting = learned.map((_, i) => waits(i + 1, { work: i }))
        const state = aState([aQueue({ works, waiting })], oneHost(vcpus))
        const before = structuredClone(state)
        const add = [{ ...aHost('', 1).host }]
        const { present, whatIf } = ask(state, { changes: { hosts: [{ environment: 1, add, remove: [] }] } })
        expect(state).toEqual(before)
        expect(whatIf.waiting.waitMs.max).toBeLessThanOrEqual(present.waiting.waitMs.max)
      }),
    )
  })
})
