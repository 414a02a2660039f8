import { describe, expect, it } from 'vitest'
import { reconcileHost } from '../../../src/core/decisions/reconcile-host.ts'
import type { AttemptReport, HeldAttempt } from '../../../src/core/model/attempt.ts'

const ended: AttemptReport & { kind: 'ended' } = {
  attemptId: 'a',
  kind: 'ended',
  cause: 'exited',
  startedAt: 1,
  stoppedAt: 2,
  exitCode: 0,
}
const starting: HeldAttempt = { attemptId: 'a', state: 'starting' }
const running: HeldAttempt = { attemptId: 'a', state: 'running', startedAt: 1 }
const over: HeldAttempt = { attemptId: 'a', state: 'ended', report: ended }
const started: AttemptReport = { attemptId: 'a', kind: 'started', startedAt: 1 }
const placed = { attemptId: 'a' }
const stopping = { attemptId: 'a', stop: 'why' }
const notPlaced = { attemptId: 'a', reason: 'Not placed on this host any more' }
const stop = { attemptId: 'a', reason: 'why' }
const nothing = { stop: [], reports: [], absent: [] }

describe('reconcileHost', () => {
  it.each<[string, { attemptId: string; stop?: string }[], HeldAttempt[], object]>([
    ['nothing on both sides', [], [], nothing],
    ['placed, and starting', [placed], [starting], nothing],
    ['placed, and running', [placed], [running], { ...nothing, reports: [started] }],
    ['placed, and ended', [placed], [over], { ...nothing, reports: [ended] }],
    ['placed, and never heard of', [placed], [], { ...nothing, absent: [placed] }],
    ['to be stopped, and starting', [stopping], [starting], { ...nothing, stop: [stop] }],
    ['to be stopped, and running', [stopping], [running], { ...nothing, stop: [stop], reports: [started] }],
    ['to be stopped, and ended', [stopping], [over], { ...nothing, reports: [ended] }],
    ['to be stopped, and never heard of', [stopping], [], { ...nothing, absent: [stopping] }],
    ['not placed, but starting', [], [starting], { ...nothing, stop: [notPlaced] }],
    ['not placed, but running', [], [running], { ...nothing, stop: [notPlaced] }],
    ['not placed, and ended', [], [over], { ...nothing, reports: [ended] }],
  ])('%s', (_, placements, attempts, expected) => {
    const held = new Map(placements.map((placement) => [placement.attemptId, placement]))
    expect(reconcileHost(held, attempts)).toEqual(expected)
  })

  it('judges each attempt for itself', () => {
    const held = new Map([
      ['b', { attemptId: 'b' }],
      ['c', { attemptId: 'c' }],
    ])
    const attempts: HeldAttempt[] = [running, { attemptId: 'b', state: 'running', startedAt: 5 }]
    expect(reconcileHost(held, attempts)).toEqual({
      stop: [notPlaced],
      reports: [{ attemptId: 'b', kind: 'started', startedAt: 5 }],
      absent: [{ attemptId: 'c' }],
    })
  })
})
