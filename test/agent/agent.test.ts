import { describe, expect, it } from 'vitest'
import { Agent } from '../../src/agent/agent.ts'
import type {
  EndedReport,
  ImageList,
  Lease,
  RecoveredAttempt,
  RuntimeListener,
} from '../../src/agent/ports.ts'
import type { HostOffer } from '../../src/core/model/environment.ts'
import type { AgentMessage, EnvironmentMessage } from '../../src/protocol/agent-protocol.ts'
import { anAttempt, aSpec, attemptIdOf } from '../support/attempts.ts'

const offer: HostOffer = {
  resources: { cpuMilli: 64_000, memoryMiB: 65_536, gpuMilli: 0, diskMiB: 0 },
  architecture: 'X86_64',
  labels: {},
  runtime: 'process',
  hostname: 'host',
}
const [one, two] = [attemptIdOf(1), attemptIdOf(2)]

/** Time as a test lets it pass, and what is to happen in it. */
class TestTime {
  private at = 1_000_000
  private readonly tasks: { at: number; task: () => void }[] = []

  now(): number {
    return this.at
  }

  later(delayMs: number, task: () => void): void {
    expect(delayMs).toBeLessThan(2 ** 31)
    this.tasks.push({ at: this.at + delayMs, task })
  }

  pass(ms: number): void {
    const until = this.at + ms
    for (;;) {
      this.tasks.sort((a, b) => a.at - b.at)
      if (!this.tasks[0] || this.tasks[0].at > until) break
      const { at, task } = this.tasks.shift()!
      this.at = Math.max(this.at, at)
      task()
    }
    this.at = until
  }
}

/** An agent on a clock of its own, with everything it does written down. */
function aRig(recovered: RecoveredAttempt[] = [], lease?: Lease, images?: ImageList) {
  const sent: AgentMessage[] = []
  const done: string[] = []
  const time = new TestTime()
  const numberOf = (attemptId: string) => Number.parseInt(attemptId, 16)
  let saved = lease
  let listener: RuntimeListener | undefined
  const agent = new Agent({
    instanceId: 'f'.repeat(32),
    offer,
    link: { send: (message) => sent.push(message) },
    runtime: {
      recover(given) {
        listener = given
        return recovered
      },
      start: ({ attemptId }) => done.push(`start ${numberOf(attemptId)}`),
      stop: (attemptId, cause, graceMs) => done.push(`stop ${numberOf(attemptId)} ${cause} ${graceMs}`),
      resume: (attemptId) => done.push(`resume ${numberOf(attemptId)}`),
      forget: (attemptId) => done.push(`forget ${numberOf(attemptId)}`),
      disown: (attemptId) => done.push(`disown ${numberOf(attemptId)}`),
    },
    logs: {
      opened: () => done.push('logs opened'),
      settled: (id) => done.push(`logs settled ${id}`),
      closed: () => done.push('logs closed'),
    },
    journal: {
      lease: () => saved,
      saveLease(given) {
        saved = given
        done.push('lease saved')
      },
    },
    clock: time,
    scheduler: time,
    ...(images ? { images } : {}),
  })
  agent.start()
  return {
    ...{ agent, sent, done },
    lease: () => saved,
    pass: (ms: number) => time.pass(ms),
    now: () => time.now(),
    welcome: (members: Partial<Welcome> = {}) => agent.received({ ...welcome, ...members }),
    start: (n: number, members: Parameters<typeof aSpec>[1] = {}) => agent.received(startOf(n, members)),
    started: (n: number) => listener!.started(attemptIdOf(n), time.now()),
    ended: (n: number) => listener!.ended(endOf(n, time.now())),
  }
}

type Welcome = EnvironmentMessage & { type: 'welcome' }
const account = { partition: 'aws', region: 'us-east-1', accountId: '000000000000' }
const welcome: Welcome = {
  type: 'welcome',
  deployment: 'here',
  account,
  environment: 'local',
  leaseMs: 600_000,
  heartbeatMs: 60_000,
  stop: [],
  forget: [],
}

function startOf(n: number, members: Parameters<typeof aSpec>[1]): EnvironmentMessage {
  const attempt = { attemptId: attemptIdOf(n), spec: 0, environment: {} }
  return { type: 'start', specs: [aSpec('true', members)], attempts: [attempt] }
}

function endOf(n: number, stoppedAt: number): EndedReport {
  return { attemptId: attemptIdOf(n), kind: 'ended', cause: 'exited', stoppedAt, exitCode: 0 }
}

function aConnectedRig() {
  const rig = aRig()
  rig.agent.connected()
  rig.welcome()
  rig.sent.length = 0
  rig.done.length = 0
  return rig
}

describe('Agent', () => {
  it('says who it is and what it holds, and nothing else before the welcome', () => {
    const rig = aRig([{ attempt: anAttempt(1, aSpec('true')), state: 'running', startedAt: 5 }])
    rig.agent.connected()
    rig.ended(1)
    rig.pass(100)
    expect(rig.sent).toEqual([
      {
        type: 'hello',
        protocol: 3,
        instanceId: 'f'.repeat(32),
        offer,
        attempts: [{ attemptId: one, state: 'running', startedAt: 5 }],
      },
    ])
    rig.welcome()
    expect(rig.sent.slice(1)).toEqual([{ type: 'reports', reports: [endOf(1, 1_000_000)] }])
  })

  it('tells what images the host has with its hello, and with a report when they have changed', () => {
    let images: readonly string[] = ['busybox:1']
    let looks = 0
    const list = { current: () => images, refresh: () => looks++ }
    const rig = aRig([], undefined, list)
    const told = () => rig.sent.map((message) => ('images' in message ? message.images : undefined))
    rig.agent.connected()
    rig.welcome()
    rig.start(1)
    rig.started(1)
    rig.pass(100)
    images = ['python:3', 'busybox:1']
    rig.ended(1)
    rig.pass(100)
    expect(told()).toEqual([['busybox:1'], undefined, ['python:3', 'busybox:1']])
    rig.agent.disconnected()
    rig.agent.connected()
    expect(told().at(-1)).toEqual(['python:3', 'busybox:1'])
    expect(looks).toBe(2)
  })

  it('tells start and end of a short job in one message', () => {
    const rig = aConnectedRig()
    rig.start(1)
    const startedAt = rig.now()
    rig.started(1)
    rig.pass(3)
    rig.ended(1)
    rig.pass(10)
    expect(rig.sent).toEqual([
      {
        type: 'reports',
        reports: [{ attemptId: one, kind: 'started', startedAt }, endOf(1, startedAt + 3)],
      },
    ])
  })

  it('starts an attempt once, however often it is told', () => {
    const rig = aConnectedRig()
    rig.start(1)
    rig.start(1)
    rig.started(1)
    rig.ended(1)
    rig.start(1)
    rig.agent.received({ type: 'settled', attemptIds: [one] })
    rig.start(1)
    expect(rig.done).toEqual(['lease saved', 'start 1', 'forget 1'])
  })

  it('repeats an end on every connection until it is settled', () => {
    const rig = aConnectedRig()
    rig.start(1)
    rig.ended(1)
    rig.pass(10)
    for (let time = 0; time < 2; time++) {
      rig.agent.disconnected()
      rig.agent.connected()
      expect(rig.sent.at(-1)).toMatchObject({
        type: 'hello',
        attempts: [{ attemptId: one, state: 'ended', report: { exitCode: 0 } }],
      })
      rig.welcome()
    }
    rig.agent.received({ type: 'settled', attemptIds: [one] })
    rig.agent.disconnected()
    rig.agent.connected()
    expect(rig.sent.at(-1)).toMatchObject({ type: 'hello', attempts: [] })
  })

  it('stops and erases what the environment says, on every connection', () => {
    const rig = aConnectedRig()
    for (const n of [1, 2, 3]) rig.start(n)
    rig.ended(3)
    rig.agent.disconnected()
    rig.done.length = 0
    rig.agent.connected()
    rig.welcome({
      stop: [{ attemptId: one, reason: 'terminated' }],
      forget: [two, attemptIdOf(3), attemptIdOf(4)],
    })
    expect(rig.done).toEqual([
      'lease saved',
      'disown 2',
      'forget 3',
      'stop 1 stopped 30000',
      'resume 1',
      'logs opened',
    ])
  })

  it('ends an attempt at its time limit, connected or not', () => {
    const rig = aConnectedRig()
    rig.start(1, { timeoutSeconds: 60, stopTimeoutSeconds: 10 })
    rig.started(1)
    rig.agent.disconnected()
    rig.done.length = 0
    rig.pass(59_999)
    expect(rig.done).toEqual([])
    rig.pass(1)
    expect(rig.done).toEqual(['stop 1 timed-out 10000'])
    rig.pass(100_000)
    expect(rig.done).toHaveLength(1)
  })

  it('waits for a time limit that no timer can hold', () => {
    const rig = aConnectedRig()
    const daysMs = 24 * 3_600_000
    rig.agent.received({ type: 'identify' })
    rig.welcome({ leaseMs: 60 * daysMs })
    rig.start(1, { timeoutSeconds: (40 * daysMs) / 1000 })
    rig.started(1)
    rig.done.length = 0
    rig.pass(40 * daysMs - 1)
    expect(rig.done).toEqual([])
    rig.pass(1)
    expect(rig.done).toEqual(['stop 1 timed-out 30000'])
  })

  it('stops everything before its lease runs out, and keeps it running through shorter outages', () => {
    const rig = aConnectedRig()
    rig.start(1)
    rig.started(1)
    rig.agent.disconnected()
    rig.pass(500_000)
    rig.agent.connected()
    rig.welcome()
    rig.agent.disconnected()
    rig.done.length = 0
    rig.pass(564_999)
    expect(rig.done).toEqual([])
    rig.pass(1)
    expect(rig.done).toEqual(['stop 1 host-failed 30000'])
  })

  it('counts its lease from when it sent the last answered ping', () => {
    const rig = aConnectedRig()
    rig.start(1)
    const pingedAt = rig.now()
    rig.pass(60_000)
    rig.agent.pong(pingedAt + 30_000)
    expect(rig.lease()).toEqual({ renewedAt: pingedAt + 30_000, leaseMs: 600_000 })
    rig.done.length = 0
    rig.pass(30_000 + 564_999 - 60_000)
    expect(rig.done).toEqual([])
    rig.pass(1)
    expect(rig.done).toEqual(['stop 1 host-failed 30000'])
  })

  it('brings the kill forward when the lease runs out under a long stop', () => {
    const rig = aConnectedRig()
    rig.start(1, { timeoutSeconds: 550, stopTimeoutSeconds: 120 })
    rig.started(1)
    rig.agent.disconnected()
    rig.done.length = 0
    rig.pass(600_000)
    expect(rig.done).toEqual(['stop 1 host-failed 120000', 'stop 1 timed-out 120000'])
  })

  it('goes on under the lease it had before it was restarted', () => {
    const attempt = anAttempt(1, aSpec('true'))
    const lease = { renewedAt: 1_000_000 - 700_000, leaseMs: 600_000 }
    const rig = aRig([{ attempt, state: 'running', startedAt: 5 }], lease)
    rig.pass(0)
    expect(rig.done).toEqual(['stop 1 host-failed 30000'])
  })

  it('starts what was accepted and never ran, once it knows that it still may', () => {
    const rig = aRig([
      { attempt: anAttempt(1, aSpec('true')), state: 'accepted' },
      { attempt: anAttempt(2, aSpec('true')), state: 'accepted' },
    ])
    rig.agent.connected()
    expect(rig.done).toEqual([])
    rig.welcome({ forget: [two] })
    expect(rig.done).toEqual(['lease saved', 'disown 2', 'start 1', 'logs opened'])
  })

  it('leaves the attempts of another deployment unreported and has them erased', () => {
    const rig = aRig([
      { attempt: anAttempt(1, aSpec('true'), 'elsewhere'), state: 'running', startedAt: 5 },
      { attempt: anAttempt(2, aSpec('true')), state: 'running', startedAt: 5 },
    ])
    rig.agent.connected()
    rig.welcome()
    rig.ended(1)
    rig.ended(2)
    rig.pass(10)
    expect(rig.done).toEqual(['disown 1', 'lease saved', 'resume 2', 'logs opened'])
    expect(rig.sent.at(-1)).toEqual({ type: 'reports', reports: [endOf(2, 1_000_000)] })
  })

  it('says hello again when it is asked to, and sends its output again', () => {
    const rig = aConnectedRig()
    rig.start(1)
    rig.done.length = 0
    rig.agent.received({ type: 'identify' })
    expect(rig.sent.at(-1)).toMatchObject({
      type: 'hello',
      attempts: [{ attemptId: one, state: 'starting' }],
    })
    rig.welcome()
    expect(rig.done).toEqual(['logs closed', 'lease saved', 'resume 1', 'logs opened'])
  })
})
