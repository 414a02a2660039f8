import { describe, expect, it } from 'vitest'
import type { Waiter } from '../../../src/core/decisions/ledger.ts'
import { beginJob, settleChild, settleDependency, settleJob } from '../../../src/core/decisions/settle-job.ts'
import type { Dependency, Job } from '../../../src/core/model/job-record.ts'
import type { Progress } from '../../../src/core/model/progress.ts'
import { aJob, anArray, aProgress } from '../../support/builders.ts'
import { MemoryLedger } from '../../support/memory-ledger.ts'

const success: Progress = { state: 'SUCCEEDED', attempts: [], stoppedAt: 200 }
const failure: Progress = { state: 'FAILED', attempts: [], statusReason: 'why', stoppedAt: 200 }
const pending = { progress: aProgress({ state: 'PENDING' }), ready: false }

function waiting(seq: number, unmet = 1): Job {
  return aJob({ seq, unmet, ...pending })
}

function waiter(seq: number): Waiter {
  return { seq, condition: 'success' }
}

function whole(waiter: number, seq: number, index?: number): Omit<Dependency, 'queue'> {
  return { waiter, seq, kind: 'whole', condition: 'success', ...(index === undefined ? {} : { index }) }
}

function settle(ledger: MemoryLedger, seq: number, progress: Progress): void {
  ledger.decide(() => settleJob(ledger, ledger.job(seq)!, progress))
}

function settleChildOf(ledger: MemoryLedger, seq: number, index: number, progress: Progress): void {
  ledger.decide(() => settleChild(ledger, ledger.job(seq)!, index, progress))
}

describe('the end of a job', () => {
  it('lets those that waited for it start', () => {
    const ledger = new MemoryLedger([aJob(), waiting(2)], [whole(2, 1)])
    settle(ledger, 1, success)
    expect(ledger.job(2)).toMatchObject({
      progress: { state: 'RUNNABLE' },
      unmet: 0,
      ready: true,
      front: false,
    })
  })

  it('is not enough for a job that waits for another one too', () => {
    const ledger = new MemoryLedger([aJob(), aJob({ seq: 2 }), waiting(3, 2)], [whole(3, 1), whole(3, 2)])
    settle(ledger, 2, success)
    expect(ledger.job(3)).toMatchObject({ progress: { state: 'PENDING' }, unmet: 1, ready: false })
    settle(ledger, 1, success)
    expect(ledger.job(3)).toMatchObject({ progress: { state: 'RUNNABLE' }, unmet: 0, ready: true })
  })

  it('fails a whole chain behind a failed job, however long', () => {
    const length = 20_000
    const jobs = [aJob(), ...Array.from({ length }, (_, i) => waiting(i + 2))]
    const ledger = new MemoryLedger(jobs)
    const waiters = (seq: number) => (seq <= length ? [waiter(seq + 1)] : [])
    ledger.waiters = ({ seq }) => waiters(seq)
    settle(ledger, 1, failure)
    expect(ledger.job(length + 1)?.progress).toEqual({
      state: 'FAILED',
      attempts: [],
      statusReason: 'Dependent Job failed',
      stoppedAt: ledger.now,
    })
  })

  it('is told to other queues once', () => {
    const ledger = new MemoryLedger([aJob()])
    ledger.watch(1)
    settle(ledger, 1, failure)
    expect(ledger.effects).toEqual([
      { kind: 'tell', target: { queue: 1, shard: 0, seq: 1 }, succeeded: false },
    ])
  })

  it('changes nothing for a waiter that has ended meanwhile', () => {
    const ended = aJob({ seq: 2, progress: failure, ready: false })
    const ledger = new MemoryLedger([aJob(), ended], [whole(2, 1)])
    settle(ledger, 1, success)
    expect(ledger.job(2)).toBe(ended)
  })
})

describe('a message about a dependency', () => {
  it('for an unknown job is no error', () => {
    const ledger = new MemoryLedger()
    expect(() => ledger.decide(() => settleDependency(ledger, waiter(9), true))).not.toThrow()
  })

  it('opens an array whose dependencies are met', () => {
    const ledger = new MemoryLedger([anArray({ size: 3 }, { seq: 1, unmet: 1, ready: false })])
    expect(ledger.children(1).summary()).toMatchObject({ PENDING: 3 })
    ledger.decide(() => settleDependency(ledger, waiter(1), true))
    expect(ledger.children(1).summary()).toMatchObject({ RUNNABLE: 3 })
    expect(ledger.job(1)).toMatchObject({ unmet: 0, ready: true, progress: { state: 'PENDING' } })
  })

  it('that failed fails all children of an array in one stroke', () => {
    const ledger = new MemoryLedger([anArray({ size: 3 }, { unmet: 1, ready: false })])
    ledger.decide(() => settleDependency(ledger, waiter(1), false))
    expect(ledger.job(1)?.progress).toMatchObject({ state: 'FAILED', statusReason: 'Dependent Job failed' })
    expect(ledger.children(1).summary()).toMatchObject({ FAILED: 3 })
  })
})

describe('the end of a child', () => {
  it('lets those start that waited for this child alone', () => {
    const ledger = new MemoryLedger(
      [anArray({ size: 3 }), waiting(2), waiting(3)],
      [whole(2, 1, 1), whole(3, 1)],
    )
    settleChildOf(ledger, 1, 1, success)
    expect(ledger.job(2)?.progress.state).toBe('RUNNABLE')
    expect(ledger.job(3)?.progress.state).toBe('PENDING')
  })

  it('is told to other queues', () => {
    const ledger = new MemoryLedger([anArray({ size: 3 })])
    ledger.watch(1, 2)
    settleChildOf(ledger, 1, 1, success)
    settleChildOf(ledger, 1, 2, success)
    expect(ledger.effects).toEqual([
      { kind: 'tell', target: { queue: 1, shard: 0, seq: 1, index: 2 }, succeeded: true },
    ])
  })

  it('is noticed also when all that have not started end in one stroke', () => {
    const ledger = new MemoryLedger(
      [anArray({ size: 3 }, { unmet: 1, ready: false }), waiting(2)],
      [whole(2, 1, 2)],
    )
    ledger.watch(1, 1)
    ledger.decide(() => settleDependency(ledger, waiter(1), false))
    expect(ledger.job(2)?.progress).toMatchObject({ state: 'FAILED', statusReason: 'Dependent Job failed' })
    expect(ledger.effects).toEqual([
      { kind: 'tell', target: { queue: 1, shard: 0, seq: 1, index: 1 }, succeeded: false },
    ])
  })

  it('lets those start that wait for the array, once all children have ended well', () => {
    const ledger = new MemoryLedger([anArray({ size: 2 }), waiting(2)], [whole(2, 1)])
    settleChildOf(ledger, 1, 0, success)
    expect(ledger.job(2)?.progress.state).toBe('PENDING')
    settleChildOf(ledger, 1, 1, success)
    expect(ledger.job(1)?.progress).toEqual({ state: 'SUCCEEDED', attempts: [], stoppedAt: ledger.now })
    expect(ledger.job(2)?.progress.state).toBe('RUNNABLE')
  })
})

describe('an array that follows another child by child', () => {
  const edge: Omit<Dependency, 'queue'> = { waiter: 2, seq: 1, kind: 'children', condition: 'success' }
  const follower = () => anArray({ size: 3, nToN: [1] }, { seq: 2 })

  it('starts each child when its counterpart has ended well', () => {
    const ledger = new MemoryLedger([anArray({ size: 3 }), follower()], [edge])
    settleChildOf(ledger, 1, 1, success)
    expect([...ledger.children(2).startable()]).toEqual([1])
    expect(ledger.children(2).summary()).toMatchObject({ PENDING: 2, RUNNABLE: 1 })
  })

  it('fails each child whose counterpart failed, and ends as failed', () => {
    const ledger = new MemoryLedger([anArray({ size: 3 }), follower()], [edge])
    for (const index of [0, 1, 2]) settleChildOf(ledger, 1, index, index === 1 ? failure : success)
    expect(ledger.child(2, 1)).toMatchObject({ state: 'FAILED', statusReason: 'Dependent Job failed' })
    expect(ledger.job(2)?.progress.state).toBe('PENDING')
    settleChildOf(ledger, 2, 0, success)
    settleChildOf(ledger, 2, 2, success)
    expect(ledger.job(2)?.progress).toMatchObject({ state: 'FAILED', statusReason: 'Array Child Job failed' })
  })

  it('waits for all arrays that it follows', () => {
    const jobs = [
      anArray({ size: 2 }),
      anArray({ size: 2 }, { seq: 3 }),
      anArray({ size: 2, nToN: [1, 3] }, { seq: 2 }),
    ]
    const ledger = new MemoryLedger(jobs, [edge, { ...edge, seq: 3 }])
    settleChildOf(ledger, 1, 0, success)
    expect([...ledger.children(2).startable()]).toEqual([])
    settleChildOf(ledger, 3, 0, success)
    expect([...ledger.children(2).startable()]).toEqual([0])
  })

  it('fails child by child with an array that is ended in one stroke', () => {
    const ledger = new MemoryLedger([anArray({ size: 3 }, { unmet: 1, ready: false }), follower()], [edge])
    ledger.decide(() => settleDependency(ledger, waiter(1), false))
    expect(ledger.children(2).summary()).toMatchObject({ FAILED: 3 })
    expect(ledger.job(2)?.progress.state).toBe('FAILED')
  })

  it('may start at once what its leader has done before', () => {
    const ledger = new MemoryLedger([anArray({ size: 3 })])
    settleChildOf(ledger, 1, 0, success)
    settleChildOf(ledger, 1, 1, failure)
    ledger.insert(follower(), [{ ...edge, queue: 1 }])
    ledger.decide(() => beginJob(ledger, ledger.job(2)!, undefined))
    expect([0, 1, 2].map((index) => ledger.child(2, index).state)).toEqual(['RUNNABLE', 'FAILED', 'PENDING'])
  })
})

describe('beginJob', () => {
  it('ends a job whose dependency had failed', () => {
    const ledger = new MemoryLedger([aJob()])
    ledger.decide(() => beginJob(ledger, ledger.job(1)!, 'why'))
    expect(ledger.job(1)).toMatchObject({ progress: { state: 'FAILED' }, ready: false })
  })
})
