import { describe, expect, it } from 'vitest'
import {
  attemptNumber,
  dependenciesMet,
  ended,
  endUnplaced,
  placed,
  requestStop,
  started,
  transitions,
  unplaced,
} from '../../../src/core/lifecycle/job-lifecycle.ts'
import { type JobState, jobStates } from '../../../src/core/model/job.ts'
import type { RetryStrategy } from '../../../src/core/model/job-definition.ts'
import { normalExit, type Progress } from '../../../src/core/model/progress.ts'
import { anEndedAttempt, aProgress, somewhere } from '../../support/builders.ts'

const now = 1_000
const retryOnce: RetryStrategy = { attempts: 2 }
const noRetry: RetryStrategy = {}

const samples: Record<JobState, Progress> = {
  SUBMITTED: aProgress({ state: 'SUBMITTED' }),
  PENDING: aProgress({ state: 'PENDING' }),
  RUNNABLE: aProgress({ state: 'RUNNABLE' }),
  STARTING: aProgress({ state: 'STARTING', current: somewhere }),
  RUNNING: aProgress({ state: 'RUNNING', current: { ...somewhere, startedAt: 100 } }),
  SUCCEEDED: aProgress({
    state: 'SUCCEEDED',
    attempts: [anEndedAttempt({ exitCode: 0 })],
    statusReason: normalExit,
    stoppedAt: 200,
  }),
  FAILED: aProgress({
    state: 'FAILED',
    attempts: [anEndedAttempt()],
    statusReason: normalExit,
    stoppedAt: 200,
  }),
}

const events = {
  'dependencies met': (progress: Progress) => dependenciesMet(progress),
  'ended unplaced': (progress: Progress) => endUnplaced(progress, 'why', now),
  placed: (progress: Progress) => placed(progress, somewhere),
  unplaced: (progress: Progress) => unplaced(progress, now),
  started: (progress: Progress) => started(progress, somewhere, 100),
  'exited with 0': (progress: Progress) => end(progress, { cause: 'exited', exitCode: 0 }, noRetry),
  'exited with 1, retry left': (progress: Progress) =>
    end(progress, { cause: 'exited', exitCode: 1 }, retryOnce),
  'exited with 1, no retry left': (progress: Progress) =>
    end(progress, { cause: 'exited', exitCode: 1 }, noRetry),
  cancelled: (progress: Progress) => requestStop(progress, { kind: 'cancel', reason: 'why' }, now),
  terminated: (progress: Progress) => requestStop(progress, { kind: 'terminate', reason: 'why' }, now),
}
type EventName = keyof typeof events

function end(
  progress: Progress,
  how: Pick<Parameters<typeof ended>[2], 'cause' | 'exitCode' | 'reason' | 'preempted'>,
  retry: RetryStrategy,
): Progress {
  return ended(progress, somewhere, { startedAt: 100, stoppedAt: 200, ...how }, retry)
}

const starting = aProgress({ state: 'STARTING', current: somewhere })
const running = aProgress({ state: 'RUNNING', current: { ...somewhere, startedAt: 100 } })
const runnable = aProgress({ state: 'RUNNABLE' })
const failedWaiting = aProgress({ state: 'FAILED', statusReason: 'why', stoppedAt: now })
const over = { statusReason: normalExit, stoppedAt: 200 }
const succeeded = aProgress({ state: 'SUCCEEDED', attempts: [anEndedAttempt({ exitCode: 0 })], ...over })
const failed = aProgress({ state: 'FAILED', attempts: [anEndedAttempt()], ...over })
const retried = aProgress({ state: 'RUNNABLE', attempts: [anEndedAttempt()] })
const stopped = (kind: 'cancel' | 'terminate') => ({ ...failedWaiting, stop: { kind, reason: 'why' } })

/** What each event makes of each state; a state that is not listed stays the very same object. */
const table: Record<EventName, Partial<Record<JobState, Progress>>> = {
  'dependencies met': { SUBMITTED: runnable, PENDING: runnable },
  'ended unplaced': { SUBMITTED: failedWaiting, PENDING: failedWaiting, RUNNABLE: failedWaiting },
  placed: { RUNNABLE: starting },
  unplaced: { STARTING: runnable },
  // A restarted queue hears of an attempt before it has asked who holds it.
  started: { RUNNABLE: running, STARTING: running },
  'exited with 0': { RUNNABLE: succeeded, STARTING: succeeded, RUNNING: succeeded },
  'exited with 1, retry left': { RUNNABLE: retried, STARTING: retried, RUNNING: retried },
  'exited with 1, no retry left': { RUNNABLE: failed, STARTING: failed, RUNNING: failed },
  cancelled: { SUBMITTED: stopped('cancel'), PENDING: stopped('cancel'), RUNNABLE: stopped('cancel') },
  terminated: {
    SUBMITTED: stopped('terminate'),
    PENDING: stopped('terminate'),
    RUNNABLE: stopped('terminate'),
    STARTING: { ...starting, stop: { kind: 'terminate', reason: 'why' } },
    RUNNING: { ...running, stop: { kind: 'terminate', reason: 'why' } },
  },
}

const cases = (Object.keys(events) as EventName[]).flatMap((event) =>
  jobStates.map((state) => ({ event, state, expected: table[event][state] })),
)

describe('the job lifecycle', () => {
  it.each(cases)('$event while $state', ({ event, state, expected }) => {
    const before = structuredClone(samples[state])
    const after = events[event](before)
    if (expected) expect(after).toEqual(expected)
    else expect(after).toBe(before)
    expect(before).toEqual(samples[state])
  })

  it('goes exactly along the transitions, but for those that only decisions make', () => {
    const taken = new Set(
      cases.flatMap(({ state, expected }) =>
        expected && expected.state !== state ? [`${state} ${expected.state}`] : [],
      ),
    )
    const listed = jobStates.flatMap((from) => transitions[from].map((to) => `${from} ${to}`))
    expect([...taken].filter((step) => !listed.includes(step))).toEqual([])
    // A job is drawn up as PENDING; only an array's parent goes from there to SUCCEEDED.
    expect(listed.filter((step) => !taken.has(step))).toEqual(['SUBMITTED PENDING', 'PENDING SUCCEEDED'])
  })
})

describe('ended', () => {
  const causes = [
    ['start-failed', { exitCode: undefined }, 'Task failed to start'],
    ['host-failed', {}, 'Host EC2 (instance i-0000000000000001) terminated.'],
    ['host-lost', {}, 'Host EC2 (instance i-0000000000000001) terminated.'],
  ] as const

  it.each(causes)('may be followed by a retry after %s', (cause, _, statusReason) => {
    const attempt = { ...somewhere, startedAt: 100, stoppedAt: 200, statusReason }
    expect(end(running, { cause }, retryOnce)).toEqual({ state: 'RUNNABLE', attempts: [attempt] })
    expect(end(running, { cause }, noRetry)).toEqual({
      state: 'FAILED',
      attempts: [attempt],
      statusReason,
      stoppedAt: 200,
    })
  })

  it('never retries what ran out of time', () => {
    const after = end(running, { cause: 'timed-out', exitCode: 137 }, { attempts: 10 })
    expect(after).toMatchObject({ state: 'FAILED', statusReason: 'Job attempt duration exceeded timeout' })
  })

  it('never retries what was terminated, and gives the client’s reason', () => {
    const stopping = { ...running, stop: { kind: 'terminate', reason: 'enough' } } as const
    for (const cause of ['stopped', 'exited', 'host-lost'] as const)
      expect(end(stopping, { cause, exitCode: 143 }, { attempts: 10 })).toMatchObject({
        state: 'FAILED',
        statusReason: 'enough',
        stop: { kind: 'terminate', reason: 'enough' },
      })
  })

  it('counts as a success when it ended well before the stop reached it', () => {
    const stopping = { ...running, stop: { kind: 'terminate', reason: 'enough' } } as const
    const after = end(stopping, { cause: 'exited', exitCode: 0 }, noRetry)
    expect(after).toMatchObject({ state: 'SUCCEEDED', statusReason: normalExit })
  })

  it('keeps the start that was reported before when the end does not tell it', () => {
    const after = ended(
      running,
      somewhere,
      { cause: 'host-lost', stoppedAt: 300 },
      { attempts: 2, evaluateOnExit: [] },
    )
    expect(after.attempts).toMatchObject([{ startedAt: 100, stoppedAt: 300 }])
  })

  it('keeps the container’s reason with the attempt', () => {
    const reason = 'OutOfMemoryError: Container killed due to memory usage'
    const after = end(running, { cause: 'exited', exitCode: 137, reason }, noRetry)
    expect(after.attempts).toEqual([anEndedAttempt({ exitCode: 137, reason })])
  })
})

describe('a preempted attempt', () => {
  const preempted = 'Preempted: queue urgent wants its room'
  const made = anEndedAttempt({ exitCode: 143, statusReason: preempted, preempted: true })

  it.each(['stopped', 'host-failed', 'host-lost'] as const)(
    'that ends as %s is kept, counts for nothing, and is followed by another',
    (cause) => {
      const never: RetryStrategy = { attempts: 1, evaluateOnExit: [{ onReason: '*', action: 'EXIT' }] }
      const again = end(running, { cause, exitCode: 143, preempted }, never)
      expect(again).toEqual({ state: 'RUNNABLE', attempts: [made] })
      expect(attemptNumber(again)).toBe(2)
      const second = started(placed(again, somewhere), somewhere, 100)
      expect(end(second, { cause: 'exited', exitCode: 0 }, never)).toMatchObject({ state: 'SUCCEEDED' })
      expect(end(second, { cause: 'exited', exitCode: 1 }, noRetry)).toMatchObject({ state: 'FAILED' })
      expect(end(second, { cause: 'exited', exitCode: 1 }, retryOnce)).toMatchObject({ state: 'RUNNABLE' })
    },
  )

  it('that had ended by itself before it heard counts as what it was', () => {
    expect(end(running, { cause: 'exited', exitCode: 0, preempted }, noRetry)).toEqual(succeeded)
    expect(end(running, { cause: 'exited', exitCode: 1, preempted }, noRetry)).toEqual(failed)
    const late = end(running, { cause: 'timed-out', exitCode: 137, preempted }, retryOnce)
    expect(late).toMatchObject({ state: 'FAILED', statusReason: 'Job attempt duration exceeded timeout' })
    expect(end(running, { cause: 'start-failed', preempted }, noRetry)).toMatchObject({ state: 'FAILED' })
  })

  it('that a client has terminated is the last', () => {
    const stopping = { ...running, stop: { kind: 'terminate', reason: 'enough' } } as const
    const after = end(stopping, { cause: 'stopped', exitCode: 143, preempted }, retryOnce)
    expect(after).toMatchObject({ state: 'FAILED', statusReason: 'enough' })
    expect(after.attempts).toEqual([anEndedAttempt({ exitCode: 143, statusReason: 'enough' })])
  })
})

describe('a placement that came to nothing', () => {
  it('ends a job that was terminated meanwhile', () => {
    const stop = { kind: 'terminate', reason: 'why' } as const
    expect(unplaced({ ...starting, stop }, now)).toEqual({ ...failedWaiting, stop })
  })
})

describe('requestStop', () => {
  it('keeps the first of two requests to terminate', () => {
    const first = requestStop(running, { kind: 'terminate', reason: 'first' }, now)
    expect(requestStop(first, { kind: 'terminate', reason: 'second' }, now)).toBe(first)
  })
})

describe('attemptNumber', () => {
  it('counts from 1, the attempt in progress included', () => {
    expect(attemptNumber(runnable)).toBe(1)
    expect(attemptNumber(running)).toBe(1)
    expect(attemptNumber(retried)).toBe(2)
  })
})
