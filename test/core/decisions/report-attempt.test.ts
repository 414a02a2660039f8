import { describe, expect, it } from 'vitest'
import { decideReport } from '../../../src/core/decisions/report-attempt.ts'
import type { ReportVerdict } from '../../../src/core/decisions/report-verdict.ts'
import { decideStop } from '../../../src/core/decisions/stop-job.ts'
import type { HostReport } from '../../../src/core/model/attempt.ts'
import type { AttemptKey } from '../../../src/core/model/ids.ts'
import type { Job } from '../../../src/core/model/job-record.ts'
import { aJob, anArray, anEndedAttempt, somewhere } from '../../support/builders.ts'
import { MemoryLedger } from '../../support/memory-ledger.ts'

const from = { attemptId: 'a', instanceId: somewhere.instanceId, runtime: 'docker' } as const
const started: HostReport = { ...from, kind: 'started', startedAt: 100 }
const succeeded: HostReport = {
  ...from,
  kind: 'ended',
  cause: 'exited',
  startedAt: 100,
  stoppedAt: 200,
  exitCode: 0,
}
const failed: HostReport = { ...succeeded, exitCode: 1 }
const absent: HostReport = { attemptId: 'a', instanceId: somewhere.instanceId, kind: 'absent', at: 300 }
const lost: HostReport = { ...absent, kind: 'host-lost' }

const noted: ReportVerdict = { kind: 'noted' }
const settled: ReportVerdict = { kind: 'settled' }
const stop: ReportVerdict = { kind: 'stop', reason: 'The job has ended or its attempt was superseded' }

const first: AttemptKey = { queue: 1, seq: 1, attempt: 1 }
const second: AttemptKey = { ...first, attempt: 2 }
const over = { statusReason: 'Essential container in task exited', stoppedAt: 200 }
const retrying = aJob({ request: { jobName: 'job', retryStrategy: { attempts: 2 } } })

/** Reports, one decision each, on a job whose first attempt has been placed. */
function afterReports(
  job: Job,
  reports: [AttemptKey, HostReport][],
): { verdicts: ReportVerdict[]; ledger: MemoryLedger } {
  const ledger = new MemoryLedger([job])
  ledger.place(1, job.array ? 0 : undefined)
  const verdicts = reports.map(([key, report]) => {
    const verdict = ledger.decide(() => decideReport(ledger, key, 1, report))
    ledger.release(key)
    return verdict
  })
  return { verdicts, ledger }
}

describe('decideReport on a single job', () => {
  const running = { state: 'RUNNING', attempts: [], current: { ...somewhere, startedAt: 100 } }
  const success = { state: 'SUCCEEDED', attempts: [anEndedAttempt({ exitCode: 0 })], ...over }
  const waiting = { state: 'RUNNABLE', attempts: [] }
  const retried = { state: 'RUNNABLE', attempts: [anEndedAttempt()] }
  const lostHost = {
    ...anEndedAttempt({
      stoppedAt: 300,
      statusReason: `Host EC2 (instance ${somewhere.instanceId}) terminated.`,
    }),
    exitCode: undefined,
  }

  it.each<[string, Job, [AttemptKey, HostReport][], ReportVerdict[], object, boolean]>([
    ['a start', aJob(), [[first, started]], [noted], running, false],
    [
      'an end',
      aJob(),
      [
        [first, started],
        [first, succeeded],
      ],
      [noted, settled],
      success,
      false,
    ],
    ['an end without a start', aJob(), [[first, succeeded]], [settled], success, false],
    [
      'a start told twice',
      aJob(),
      [
        [first, started],
        [first, started],
      ],
      [noted, noted],
      running,
      false,
    ],
    [
      'an end told twice',
      aJob(),
      [
        [first, succeeded],
        [first, succeeded],
      ],
      [settled, settled],
      success,
      false,
    ],
    [
      'a start behind its end',
      aJob(),
      [
        [first, succeeded],
        [first, started],
      ],
      [settled, stop],
      success,
      false,
    ],
    [
      'an end that says otherwise later',
      aJob(),
      [
        [first, succeeded],
        [first, failed],
      ],
      [settled, settled],
      success,
      false,
    ],
    ['a failure with a retry left', retrying, [[first, failed]], [settled], retried, true],
    [
      'that failure twice',
      retrying,
      [
        [first, failed],
        [first, failed],
      ],
      [settled, settled],
      retried,
      true,
    ],
    [
      'the start of a superseded attempt',
      retrying,
      [
        [first, failed],
        [first, started],
      ],
      [settled, stop],
      retried,
      true,
    ],
    [
      'an attempt that was never made',
      aJob(),
      [[second, started]],
      [stop],
      { ...waiting, state: 'STARTING', current: somewhere },
      true,
    ],
    ['a placement the host never heard of', aJob(), [[first, absent]], [settled], waiting, true],
    [
      'a running attempt gone from its host',
      retrying,
      [
        [first, started],
        [first, absent],
      ],
      [noted, settled],
      { state: 'RUNNABLE', attempts: [lostHost] },
      true,
    ],
    [
      'a lost host',
      retrying,
      [
        [first, started],
        [first, lost],
      ],
      [noted, settled],
      { state: 'RUNNABLE', attempts: [lostHost] },
      true,
    ],
    [
      'an attempt given up that ended well after all',
      retrying,
      [
        [first, started],
        [first, lost],
        [first, succeeded],
      ],
      [noted, settled, settled],
      { state: 'RUNNABLE', attempts: [lostHost] },
      true,
    ],
    [
      'the second attempt',
      retrying,
      [
        [first, failed],
        [second, started],
      ],
      [settled, noted],
      { ...running, attempts: [anEndedAttempt()] },
      false,
    ],
  ])('%s', (_, job, reports, verdicts, progress, ready) => {
    const outcome = afterReports(job, reports)
    expect(outcome.verdicts).toEqual(verdicts)
    expect(outcome.ledger.job(1)?.progress).toEqual(progress)
    expect(outcome.ledger.job(1)?.ready).toBe(ready)
    expect(outcome.ledger.effects).toEqual([])
  })

  it('keeps what became of each container', () => {
    const containers = [{ exitCode: 0 }, { reason: 'DependencyError: …' }]
    const { ledger } = afterReports(aJob(), [[first, { ...failed, containers }]])
    expect(ledger.job(1)?.progress.attempts).toEqual([anEndedAttempt({ containers })])
  })

  it('puts a job that is tried again in front of those that have not run', () => {
    expect(afterReports(aJob(), [[first, absent]]).ledger.job(1)?.front).toBe(false)
    expect(afterReports(retrying, [[first, failed]]).ledger.job(1)?.front).toBe(true)
  })

  it('has a job stopped that was terminated before it reported its start', () => {
    const ledger = new MemoryLedger([aJob()])
    ledger.place(1)
    ledger.decide(() =>
      decideStop(ledger, { queue: 1, shard: 0, seq: 1 }, { kind: 'terminate', reason: 'why' }),
    )
    expect(ledger.decide(() => decideReport(ledger, first, 1, started))).toEqual({
      kind: 'stop',
      reason: 'why',
    })
    expect(ledger.job(1)?.progress).toMatchObject({ state: 'RUNNING', stop: { kind: 'terminate' } })
  })

  it('stops what it has never heard of, and lets it go once it has ended', () => {
    const ledger = new MemoryLedger()
    expect(ledger.decide(() => decideReport(ledger, first, 1, started))).toEqual(stop)
    expect(ledger.decide(() => decideReport(ledger, first, 1, failed))).toEqual(settled)
  })

  it('takes no report on a child of what is no array, nor the other way round', () => {
    const single = new MemoryLedger([aJob()])
    expect(single.decide(() => decideReport(single, { ...first, index: 0 }, 1, started))).toEqual(stop)
    const array = new MemoryLedger([anArray({ size: 2 })])
    expect(array.decide(() => decideReport(array, first, 1, started))).toEqual(stop)
    expect(array.decide(() => decideReport(array, { ...first, index: 2 }, 1, started))).toEqual(stop)
    expect(array.children(1).summary()).toMatchObject({ RUNNABLE: 2 })
  })
})

describe('decideReport on children of an array', () => {
  const child = (index: number, attempt = 1): AttemptKey => ({ queue: 1, seq: 1, index, attempt })

  it('ends the parent with its last child', () => {
    const { ledger, verdicts } = afterReports(anArray({ size: 2 }), [
      [child(0), succeeded],
      [child(0), succeeded],
      [child(1), started],
      [child(1), succeeded],
      [child(1), started],
    ])
    expect(verdicts).toEqual([settled, settled, noted, settled, stop])
    expect(ledger.job(1)).toMatchObject({
      progress: { state: 'SUCCEEDED', attempts: [], stoppedAt: ledger.now },
      ready: false,
    })
  })

  it('fails the parent when all have ended and one has failed', () => {
    const { ledger } = afterReports(anArray({ size: 2 }), [
      [child(0), failed],
      [child(1), started],
    ])
    expect(ledger.job(1)?.progress.state).toBe('PENDING')
    ledger.decide(() => decideReport(ledger, child(1), 1, succeeded))
    expect(ledger.job(1)?.progress).toMatchObject({
      state: 'FAILED',
      statusReason: 'Array Child Job failed',
    })
    expect(ledger.children(1).summary()).toMatchObject({ SUCCEEDED: 1, FAILED: 1 })
  })

  it('retries a child under the job’s rules and starts it before those that have not run', () => {
    const array = anArray({ size: 3 }, { request: { jobName: 'job', retryStrategy: { attempts: 2 } } })
    const { ledger } = afterReports(array, [[child(0), failed]])
    expect([...ledger.children(1).startable()]).toEqual([0, 1, 2])
    expect(ledger.child(1, 0)).toEqual({ state: 'RUNNABLE', attempts: [anEndedAttempt()] })
  })

  it('brings the parent back into the queue’s order for a retry', () => {
    const array = anArray({ size: 2 }, { request: { jobName: 'job', retryStrategy: { attempts: 2 } } })
    const { ledger } = afterReports(array, [
      [child(0), started],
      [child(1), succeeded],
    ])
    expect(ledger.job(1)?.ready).toBe(false)
    ledger.decide(() => decideReport(ledger, child(0), 1, lost))
    expect(ledger.job(1)?.ready).toBe(true)
  })

  it('fails what is behind a failed child of a sequential array', () => {
    const { ledger } = afterReports(anArray({ size: 3, sequential: true }), [[child(0), failed]])
    expect(ledger.child(1, 2)).toEqual({
      state: 'FAILED',
      attempts: [],
      statusReason: 'Dependent Job failed',
      stoppedAt: ledger.now,
    })
    expect(ledger.job(1)?.progress).toMatchObject({ state: 'FAILED', statusReason: 'Dependent Job failed' })
  })
})
