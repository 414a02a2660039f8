import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideReport } from '../../../src/core/decisions/report-attempt.ts'
import { decideStop } from '../../../src/core/decisions/stop-job.ts'
import type { StopRequest } from '../../../src/core/model/progress.ts'
import { aJob, anArray, anEndedAttempt, aProgress, somewhere } from '../../support/builders.ts'
import { MemoryLedger } from '../../support/memory-ledger.ts'

const cancel: StopRequest = { kind: 'cancel', reason: 'why' }
const terminate: StopRequest = { kind: 'terminate', reason: 'why' }
const both = [cancel, terminate]
const started = { attemptId: 'a', instanceId: somewhere.instanceId, kind: 'started', startedAt: 100 } as const

function stop(ledger: MemoryLedger, request: StopRequest, index?: number): void {
  const target = { queue: 1, shard: 0, seq: 1, ...(index === undefined ? {} : { index }) }
  ledger.decide(() => decideStop(ledger, target, request))
}

describe('decideStop on a single job', () => {
  it.each(both)('ends one that waits at once ($kind)', (request) => {
    const ledger = new MemoryLedger([aJob()])
    stop(ledger, request)
    expect(ledger.job(1)).toMatchObject({
      progress: { state: 'FAILED', attempts: [], statusReason: 'why', stoppedAt: ledger.now, stop: request },
      ready: false,
    })
    expect(ledger.effects).toEqual([])
  })

  it('leaves one that has been placed alone when it is cancelled', () => {
    const ledger = new MemoryLedger([aJob()])
    ledger.place(1)
    const before = ledger.job(1)
    stop(ledger, cancel)
    expect(ledger.job(1)).toEqual(before)
    expect(ledger.effects).toEqual([])
  })

  it('has one that has been placed stopped when it is terminated, and asks but once', () => {
    const ledger = new MemoryLedger([aJob()])
    const attempt = ledger.place(1)
    stop(ledger, terminate)
    stop(ledger, { ...terminate, reason: 'again' })
    expect(ledger.job(1)?.progress).toEqual({
      state: 'STARTING',
      attempts: [],
      current: somewhere,
      stop: terminate,
    })
    expect(ledger.effects).toEqual([{ kind: 'stop', attempt, environment: 1, reason: 'why' }])
  })

  it('leaves unknown jobs and those that have ended as they are', () => {
    const ended = aJob({ progress: aProgress({ state: 'SUCCEEDED', stoppedAt: 1 }), ready: false })
    const ledger = new MemoryLedger([ended])
    stop(ledger, terminate)
    ledger.decide(() => decideStop(ledger, { queue: 1, shard: 0, seq: 99 }, terminate))
    expect(ledger.job(1)).toBe(ended)
  })

  it('knows no child of what is no array', () => {
    const job = aJob()
    const ledger = new MemoryLedger([job])
    stop(ledger, terminate, 0)
    expect(ledger.job(1)).toBe(job)
  })
})

describe('decideStop on an array', () => {
  it.each(both)('ends all children that have not started in one stroke ($kind)', (request) => {
    const ledger = new MemoryLedger([anArray({ size: 100_000 })])
    stop(ledger, request)
    expect(ledger.job(1)).toMatchObject({
      progress: { state: 'FAILED', statusReason: 'why', stop: request },
      array: { rest: { statusReason: 'why', stoppedAt: ledger.now } },
      ready: false,
    })
    expect(ledger.child(1, 99_999)).toEqual({
      state: 'FAILED',
      attempts: [],
      statusReason: 'why',
      stoppedAt: ledger.now,
    })
  })

  it('stops children that run only when it is terminated, and ends with the last of them', () => {
    const ledger = new MemoryLedger([anArray({ size: 3 })])
    const key = ledger.place(1, 0)
    ledger.decide(() => decideReport(ledger, key, 1, started))
    stop(ledger, cancel)
    expect(ledger.effects).toEqual([])
    expect(ledger.children(1).summary()).toMatchObject({ RUNNING: 1, FAILED: 2 })
    expect(ledger.job(1)?.progress.state).toBe('PENDING')
    stop(ledger, terminate)
    expect(ledger.effects).toEqual([{ kind: 'stop', attempt: key, environment: 1, reason: 'why' }])
    const end = { ...started, kind: 'ended', cause: 'stopped', stoppedAt: 200, exitCode: 143 } as const
    ledger.decide(() => decideReport(ledger, key, 1, end))
    expect(ledger.job(1)?.progress).toMatchObject({ state: 'FAILED', statusReason: 'why' })
  })

  it('leaves the siblings of a stopped child alone', () => {
    const ledger = new MemoryLedger([anArray({ size: 3 })])
    stop(ledger, terminate, 1)
    expect(ledger.children(1).summary()).toMatchObject({ RUNNABLE: 2, FAILED: 1 })
    expect([...ledger.children(1).startable()]).toEqual([0, 2])
  })

  it('knows no child beyond its size', () => {
    const ledger = new MemoryLedger([anArray({ size: 3 })])
    stop(ledger, terminate, 3)
    expect(ledger.children(1).summary()).toMatchObject({ RUNNABLE: 3 })
  })

  it.each(['array', 'child behind it'] as const)(
    'remembers a child that is being placed over a restart when its %s is stopped',
    (what) => {
      const ledger = new MemoryLedger([anArray({ size: 3, sequential: true })])
      const key = ledger.place(1, 0)
      stop(ledger, cancel, what === 'array' ? undefined : 2)
      ledger.restart()
      expect(ledger.child(1, 0).state).toBe('STARTING')
      const end = { ...started, kind: 'ended', cause: 'exited', stoppedAt: 200, exitCode: 0 } as const
      ledger.decide(() => decideReport(ledger, key, 1, end))
      expect(ledger.children(1).summary()).toMatchObject({ SUCCEEDED: 1, FAILED: 2 })
      expect(ledger.job(1)?.progress.state).toBe('FAILED')
    },
  )

  it('comes to the same in slices as at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('untouched', 'placed', 'running', 'again'), { maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(...both),
        (children, most, request) => {
          const [whole, sliced] = [anArrayOf(children), anArrayOf(children)]
          stop(whole, request)
          for (let from: number | undefined = 0; from !== undefined; ) {
            const at: number = from
            from = sliced.decide(() =>
              decideStop(sliced, { queue: 1, shard: 0, seq: 1 }, request, { from: at, most }),
            )
          }
          expect(sliced.job(1)).toEqual(whole.job(1))
          expect(children.map((_, i) => sliced.child(1, i))).toEqual(
            children.map((_, i) => whole.child(1, i)),
          )
          expect(sliced.effects).toEqual(whole.effects)
        },
      ),
    )
  })
})

/** An array with a child in each of these states, and two that have not begun. */
function anArrayOf(children: string[]): MemoryLedger {
  const ledger = new MemoryLedger([anArray({ size: children.length + 2 })])
  for (const [index, state] of children.entries()) {
    if (state === 'placed') ledger.place(1, index)
    if (state === 'running')
      ledger.saveChild(1, index, aProgress({ state: 'RUNNING', current: { ...somewhere, startedAt: 1 } }))
    if (state === 'again') ledger.saveChild(1, index, aProgress({ attempts: [anEndedAttempt()] }))
  }
  return ledger
}
