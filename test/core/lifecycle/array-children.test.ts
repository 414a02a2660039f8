import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ArrayChildren } from '../../../src/core/lifecycle/array-children.ts'
import { emptySummary, isTerminal, type JobState, jobStates } from '../../../src/core/model/job.ts'
import type { ArrayShape } from '../../../src/core/model/job-record.ts'
import { aShape } from '../../support/builders.ts'

/** States that a child can have a record of. */
const touchedStates = ['RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED'] as const

type Step =
  | { kind: 'set'; index: number; state: (typeof touchedStates)[number] }
  | { kind: 'release'; index: number }
  | { kind: 'open' }
  | { kind: 'rest' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      index: fc.nat(11),
      state: fc.constantFrom(...touchedStates),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('release' as const), index: fc.nat(11) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'open' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'rest' }) },
)

const shapes = {
  plain: aShape({ size: 12 }),
  SEQUENTIAL: aShape({ size: 12, sequential: true }),
  N_TO_N: aShape({ size: 12, nToN: [1] }),
  'foreign N_TO_N': aShape({ size: 12, foreignNToN: [{ queue: 2, seq: 1 }] }),
  'SEQUENTIAL N_TO_N': aShape({ size: 12, sequential: true, nToN: [1] }),
  capped: aShape({ size: 12, maxConcurrency: 3 }),
} as const

/** The same bookkeeping by scans over a list, as slow and as plain as can be. */
class NaiveChildren {
  readonly states: (JobState | undefined)[]
  readonly released: number[] = []
  /** RUNNABLE again, in the order in which they became so. */
  retries: number[] = []
  open: boolean
  rest = false
  private readonly shape: ArrayShape

  constructor(shape: ArrayShape, open: boolean) {
    this.shape = shape
    this.open = open
    this.states = new Array(shape.size).fill(undefined)
  }

  get follows(): boolean {
    return this.shape.nToN.length + (this.shape.foreignNToN?.length ?? 0) > 0
  }

  /** Whether a queue could come to this step from here. */
  allows(step: Step): boolean {
    if (step.kind !== 'set') return true
    const before = this.states[step.index]
    if (before !== undefined) return !isTerminal(before)
    if (this.rest) return false
    // What has not started yet may end; anything else takes a start, in the array's order.
    return step.state === 'FAILED' ? !this.shape.sequential : this.state(step.index) === 'RUNNABLE'
  }

  take(step: Step): void {
    if (step.kind === 'open') this.open = true
    if (step.kind === 'rest') this.rest = true
    if (step.kind === 'release' && this.states[step.index] === undefined && !this.rest)
      if (!this.released.includes(step.index)) this.released.push(step.index)
    if (step.kind !== 'set') return
    const wasRetry = this.states[step.index] === 'RUNNABLE'
    this.states[step.index] = step.state
    if (step.state !== 'RUNNABLE') this.retries = this.retries.filter((index) => index !== step.index)
    else if (!wasRetry) this.retries.push(step.index)
  }

  state(index: number): JobState {
    const own = this.states[index]
    if (own) return own
    if (this.rest) return 'FAILED'
    if (!this.open) return 'PENDING'
    if (this.follows && !this.released.includes(index)) return 'PENDING'
    if (!this.shape.sequential || index === 0) return 'RUNNABLE'
    return this.states[index - 1] === 'SUCCEEDED' ? 'RUNNABLE' : 'PENDING'
  }

  startable(): number[] {
    if (!this.open) return []
    const fresh = [...this.states.keys()].filter(
      (index) => this.states[index] === undefined && this.state(index) === 'RUNNABLE',
    )
    const inFlight = this.states.filter((state) => state === 'STARTING' || state === 'RUNNING').length
    const room = Math.max(0, (this.shape.maxConcurrency ?? this.shape.size) - inFlight)
    return [...this.retries, ...fresh].slice(0, room)
  }

  all(): JobState[] {
    return [...this.states.keys()].map((index) => this.state(index))
  }
}

function take(children: ArrayChildren, step: Step): void {
  if (step.kind === 'set') children.set(step.index, step.state)
  if (step.kind === 'release') children.release(step.index)
  if (step.kind === 'open') children.open = true
  if (step.kind === 'rest') children.shape.rest ??= { statusReason: 'why', stoppedAt: 1 }
}

function expectAgreement(children: ArrayChildren, model: NaiveChildren): void {
  const states = model.all()
  expect([...states.keys()].map((index) => children.state(index))).toEqual(states)
  const scanned = emptySummary()
  for (const state of states) scanned[state]++
  expect(children.summary()).toEqual(scanned)
  for (const state of jobStates)
    for (const from of [0, 5, 11]) {
      const found = states.findIndex((own, index) => index >= from && own === state)
      expect(children.next(state, from), `${state} from ${from}`).toBe(found < 0 ? states.length : found)
    }
  expect([...children.startable()]).toEqual(model.startable())
  expect(children.finished).toBe(states.every(isTerminal))
  expect(children.failed).toBe(states.includes('FAILED'))
  // A STARTING child may come back: its placement may be known to memory only.
  const mayComeBack = model.states.some((state) => state === 'RUNNABLE' || state === 'STARTING')
  const mayStart = mayComeBack || (!model.rest && model.states.includes(undefined))
  expect(children.exhausted).toBe(!mayStart)
  const unfinished = [...model.states.entries()].filter(([, state]) => state && !isTerminal(state))
  expect([...children.unfinishedTouched()]).toEqual(unfinished.map(([index]) => index))
}

describe('ArrayChildren', () => {
  it.each(Object.entries(shapes))('agrees with a scan over a list for a %s array', (_, shape) => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(step, { maxLength: 60 }), (open, steps) => {
        const children = new ArrayChildren({ ...shape }, open)
        const model = new NaiveChildren(shape, open)
        expectAgreement(children, model)
        for (const next of steps.filter(({ kind }) => kind !== 'release' || model.follows)) {
          if (!model.allows(next)) continue
          take(children, next)
          model.take(next)
          expectAgreement(children, model)
        }
      }),
      { numRuns: 200 },
    )
  })

  it.each(Object.entries(shapes))('starts every child of a %s array exactly once', (_, shape) => {
    const children = new ArrayChildren({ ...shape }, true)
    for (let index = 0; index < shape.size; index++) children.release(index)
    const begun: number[] = []
    for (;;) {
      const [next] = children.startable()
      if (next === undefined) break
      begun.push(next)
      children.set(next, 'STARTING')
      children.set(next, 'RUNNING')
      children.set(next, 'SUCCEEDED')
    }
    expect(begun).toEqual([...Array(shape.size).keys()])
    expect(children).toMatchObject({ finished: true, failed: false, exhausted: true })
  })

  it('keeps a list of those that may start while they are being started', () => {
    const children = new ArrayChildren(aShape({ size: 5 }), true)
    const begun: number[] = []
    for (const index of children.startable()) {
      begun.push(index)
      children.set(index, 'STARTING')
    }
    expect(begun).toEqual([0, 1, 2, 3, 4])
  })

  it('starts a child that waits for another attempt before those that have not run', () => {
    const children = new ArrayChildren(aShape({ size: 4 }), true)
    for (const state of ['STARTING', 'RUNNING', 'RUNNABLE'] as const) children.set(1, state)
    expect([...children.startable()]).toEqual([1, 0, 2, 3])
  })

  it('refuses an index outside of the array', () => {
    const children = new ArrayChildren(aShape({ size: 4 }), true)
    expect(() => children.set(4, 'RUNNING')).toThrow('out of range')
    expect(() => children.set(-1, 'RUNNING')).toThrow('out of range')
  })
})
