import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideReport } from '../../../src/core/decisions/report-attempt.ts'
import { decideStop } from '../../../src/core/decisions/stop-job.ts'
import { nodeProgress, untouchedNode } from '../../../src/core/lifecycle/node-lifecycle.ts'
import type { HostReport } from '../../../src/core/model/attempt.ts'
import type { AttemptKey } from '../../../src/core/model/ids.ts'
import { isTerminal } from '../../../src/core/model/job.ts'
import { aJob, somewhere } from '../../support/builders.ts'
import { MemoryLedger } from '../../support/memory-ledger.ts'

const { instanceId, environment } = somewhere
const started: Told = { kind: 'started', startedAt: 100 }
const exit = (exitCode: number): Told => ({
  kind: 'ended',
  cause: 'exited',
  startedAt: 100,
  stoppedAt: 200,
  exitCode,
})
const absent: Told = { kind: 'absent', at: 300 }
const lost: Told = { kind: 'host-lost', at: 300 }
type Told = HostReport extends infer One
  ? One extends unknown
    ? Omit<One, 'attemptId' | 'instanceId'>
    : never
  : never

/** A job of three nodes, the first the main one, with `attempts`; its main node is placed. */
function aGang(attempts = 2): MemoryLedger {
  const request = { jobName: 'job', retryStrategy: { attempts } }
  const ledger = new MemoryLedger([aJob({ request, nodes: { count: 3, main: 0 } })])
  ledger.place(1)
  return ledger
}

function tell(ledger: MemoryLedger, node: number, report: Told, attempt = 1) {
  const key: AttemptKey = { queue: 1, seq: 1, node, attempt }
  const whole = { attemptId: '', instanceId, ...report } as HostReport
  const verdict = ledger.decide((one) => decideReport(one, key, environment, whole))
  if (node === 0) ledger.release(key)
  return verdict
}

const startOf = (...nodes: number[]) => ({ kind: 'start-nodes', seq: 1, attempt: 1, nodes, environment })
const stopOf = (nodes: number[], reason = 'The main node of the job has ended') => ({
  kind: 'stop-nodes',
  seq: 1,
  attempt: 1,
  nodes,
  environment,
  reason,
})

describe('a report about a multi-node parallel job', () => {
  it('has the other nodes started when the main node runs, once', () => {
    const ledger = aGang()
    expect(tell(ledger, 0, started)).toEqual({ kind: 'noted' })
    tell(ledger, 0, started)
    expect(ledger.effects).toEqual([startOf(1, 2)])
  })

  it('has none started when the main node starts and ends at once, and releases them', () => {
    const ledger = aGang(1)
    tell(ledger, 0, exit(0))
    expect(ledger.effects).toEqual([stopOf([1, 2])])
    expect(ledger.job(1)).toMatchObject({ ready: false, progress: { state: 'SUCCEEDED' } })
  })

  it('lets another attempt begin only when the last node of this one is over', () => {
    const ledger = aGang()
    for (const node of [0, 1, 2]) tell(ledger, node, started)
    tell(ledger, 1, exit(3))
    tell(ledger, 0, exit(1))
    expect(ledger.effects).toEqual([startOf(1, 2), stopOf([2])])
    expect(ledger.job(1)).toMatchObject({ ready: false, progress: { state: 'RUNNABLE' } })
    expect(tell(ledger, 2, exit(0))).toEqual({ kind: 'settled' })
    expect(ledger.job(1)).toMatchObject({ ready: true, front: true, progress: { state: 'RUNNABLE' } })
    expect([1, 2].map((node) => ledger.node(1, node)!.state)).toEqual(['FAILED', 'SUCCEEDED'])
  })

  it('has a node started again that its host has not heard of, unless the job is to end', () => {
    const ledger = aGang()
    tell(ledger, 0, started)
    expect(tell(ledger, 1, absent)).toEqual({ kind: 'noted' })
    expect(ledger.effects).toEqual([startOf(1, 2), startOf(1)])
    const target = { queue: 1, shard: 0, seq: 1 }
    ledger.decide((one) => decideStop(one, target, { kind: 'terminate', reason: 'enough' }))
    expect(ledger.effects.at(-1)).toEqual(stopOf([1, 2], 'enough'))
    expect(tell(ledger, 1, absent)).toEqual({ kind: 'settled' })
    expect(ledger.node(1, 1)).toMatchObject({ state: 'FAILED', statusReason: 'enough' })
    expect(tell(ledger, 2, started)).toEqual({ kind: 'stop', reason: 'enough' })
  })

  it('says nothing of nodes while their main node does not run: the gang goes back as a whole', () => {
    const ledger = aGang()
    expect(tell(ledger, 1, lost)).toEqual({ kind: 'settled' })
    tell(ledger, 0, absent)
    expect(ledger.job(1)).toMatchObject({ ready: true, progress: { state: 'RUNNABLE', attempts: [] } })
    expect(ledger.node(1, 1)).toBeUndefined()
  })

  it('of a gang that made room goes back as a whole, and says so of every node', () => {
    const preempted = 'Preempted: queue urgent wants its room'
    const stopped = { ...exit(143), cause: 'stopped', preempted } as Told
    const ledger = aGang(1)
    for (const node of [0, 1]) tell(ledger, node, started)
    tell(ledger, 1, stopped)
    tell(ledger, 0, stopped)
    expect(ledger.effects).toEqual([startOf(1, 2), stopOf([2], preempted)])
    expect(ledger.job(1)).toMatchObject({ ready: false, progress: { state: 'RUNNABLE' } })
    expect(tell(ledger, 2, { ...absent, preempted })).toEqual({ kind: 'settled' })
    expect(ledger.job(1)).toMatchObject({ ready: true, front: true, progress: { state: 'RUNNABLE' } })
    expect([1, 2].map((node) => ledger.node(1, node)!.statusReason)).toEqual([preempted, preempted])
  })

  it('may come doubled, late and in any order', () => {
    const told = fc.constantFrom(started, exit(0), exit(1), absent, lost, { ...lost, preempted: 'Preempted' })
    const report = fc.record({ node: fc.nat(3), told, attempt: fc.integer({ min: 1, max: 3 }) })
    fc.assert(
      fc.property(fc.array(report, { minLength: 5, maxLength: 60 }), (reports) => {
        const ledger = aGang(3)
        for (const { node, told, attempt } of reports) {
          const before = structuredClone([ledger.job(1)!, ledger.node(1, 1), ledger.node(1, 2)] as const)
          if (ledger.job(1)!.ready) ledger.place(1)
          tell(ledger, node, told, attempt)
          const job = ledger.job(1)!
          if (isTerminal(before[0].progress.state)) expect(job).toEqual(before[0])
          for (const other of [1, 2]) {
            const was = before[other as 1 | 2]?.attempts ?? []
            const record = ledger.node(1, other) ?? untouchedNode
            expect(record.attempts.slice(0, was.length)).toEqual(was)
            expect(record.attempts.length).toBeLessThanOrEqual(job.progress.attempts.length + 1)
            // A new attempt only after every node of the last one.
            if (job.ready) expect(record.attempts.length).toBe(job.progress.attempts.length)
            expect(nodeProgress(job, record).state).not.toBe('SUBMITTED')
          }
        }
      }),
    )
  })
})
