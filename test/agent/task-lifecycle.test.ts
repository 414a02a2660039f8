import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ContainerEnd,
  type ContainerProgress,
  type TaskStop,
  taskEnd,
  taskStartedAt,
  taskStep,
} from '../../src/agent/task-lifecycle.ts'
import type { ContainerDependency, ContainerSpec } from '../../src/core/model/container-spec.ts'
import { aContainer } from '../support/attempts.ts'

const waiting: ContainerProgress = { state: 'waiting' }
const starting: ContainerProgress = { state: 'starting', since: 0 }
const running = (startedAt = 0): ContainerProgress => ({ state: 'running', since: 0, startedAt })
const exited = (exitCode: number, stoppedAt = 10): ContainerProgress => ({
  state: 'ended',
  end: { how: 'exited', startedAt: 1, stoppedAt, exitCode },
})
const failed = (how: 'start-failed' | 'not-started' | 'lost'): ContainerProgress => ({
  state: 'ended',
  end: { how, stoppedAt: 10, reason: how },
})

function dependent(on: string, condition: ContainerDependency['condition']): ContainerSpec {
  return aContainer('main', '', { dependsOn: [{ container: on, condition }] })
}
const helper = (members: Partial<ContainerSpec> = {}) =>
  aContainer('helper', '', { essential: false, ...members })

describe('taskStep', () => {
  it('starts everything at once where nothing depends', () => {
    const step = taskStep([aContainer('a', ''), aContainer('b', '')], [waiting, waiting], undefined, 0)
    expect(step).toEqual({ launch: [0, 1], giveUp: [], stop: [], isOver: false })
  })

  it.each<[ContainerDependency['condition'], ContainerProgress, 'launches' | 'waits' | string]>([
    ['START', waiting, 'waits'],
    ['START', starting, 'waits'],
    ['START', running(), 'launches'],
    ['START', exited(1), 'launches'],
    ['START', failed('start-failed'), 'DependencyError: container helper did not start'],
    ['COMPLETE', running(), 'waits'],
    ['COMPLETE', exited(1), 'launches'],
    ['COMPLETE', failed('not-started'), 'DependencyError: container helper did not start'],
    ['SUCCESS', running(), 'waits'],
    ['SUCCESS', exited(0), 'launches'],
    ['SUCCESS', exited(3), 'DependencyError: container helper exited with code 3'],
    ['SUCCESS', failed('lost'), 'DependencyError: container helper was lost'],
  ])('on %s of a container that is %o: %s', (condition, progress, expected) => {
    const step = taskStep([helper(), dependent('helper', condition)], [progress, waiting], undefined, 0)
    expect(step.launch.includes(1)).toBe(expected === 'launches')
    const reasons = step.giveUp.map(({ reason }) => reason)
    expect(reasons).toEqual(expected === 'launches' || expected === 'waits' ? [] : [expected])
  })

  it('gives up waiting when a start timeout is over, and says when that will be', () => {
    const containers = [helper({ startTimeoutSeconds: 5 }), dependent('helper', 'COMPLETE')]
    expect(taskStep(containers, [running(), waiting], undefined, 4_999).wakeAt).toBe(5_000)
    expect(taskStep(containers, [running(), waiting], undefined, 5_000).giveUp).toEqual([
      {
        index: 1,
        reason: 'DependencyError: container helper was not ready within its startTimeout of 5 s',
      },
    ])
  })

  it('stops the rest when an essential container has ended, each with its own time to end', () => {
    const containers = [aContainer('main', ''), helper({ stopTimeoutSeconds: 2 }), helper()]
    const progress = [exited(0, 100), running(), waiting]
    expect(taskStep(containers, progress, undefined, 200)).toEqual({
      launch: [],
      giveUp: [{ index: 2 }],
      stop: [{ index: 1, killAt: 2_100 }],
      isOver: false,
    })
  })

  it('goes on when a container has ended that is not essential', () => {
    const containers = [aContainer('main', ''), helper()]
    expect(taskStep(containers, [running(), exited(1)], undefined, 0)).toEqual({
      launch: [],
      giveUp: [],
      stop: [],
      isOver: false,
    })
  })

  it('stops all when the task is to end, no later than it must', () => {
    const containers = [aContainer('main', ''), helper()]
    const stop = { at: 1_000, killAt: 3_000 }
    expect(taskStep(containers, [running(), starting], stop, 1_000).stop).toEqual([
      { index: 0, killAt: 3_000 },
      { index: 1, killAt: 3_000 },
    ])
  })
})

describe('taskEnd', () => {
  const ends = (...progress: ContainerProgress[]) =>
    progress.map((one) => (one as ContainerProgress & { state: 'ended' }).end)

  it('is the end of the only container', () => {
    expect(taskEnd([aContainer('default', '')], ends(exited(3)), undefined)).toEqual({
      cause: 'exited',
      startedAt: 1,
      stoppedAt: 10,
      exitCode: 3,
    })
  })

  it('is well when the essential containers ended well, whatever became of the others', () => {
    const containers = [aContainer('main', ''), helper(), aContainer('second', '')]
    expect(taskEnd(containers, ends(exited(0, 20), exited(9), exited(0)), undefined)).toEqual({
      cause: 'exited',
      startedAt: 1,
      stoppedAt: 20,
      exitCode: 0,
      containers: [{ exitCode: 0 }, { exitCode: 9 }, { exitCode: 0 }],
    })
  })

  it('is that of the first essential container that did not end well', () => {
    const containers = [aContainer('a', ''), aContainer('b', ''), aContainer('c', '')]
    const progress = [exited(143, 30), exited(7, 20), exited(0, 10)]
    expect(taskEnd(containers, ends(...progress), undefined)).toMatchObject({ cause: 'exited', exitCode: 7 })
  })

  it('tells that an essential container never ran, and why', () => {
    const containers = [helper(), dependent('helper', 'SUCCESS')]
    const gaveUp: ContainerEnd = { how: 'not-started', stoppedAt: 12, reason: 'DependencyError: …' }
    expect(taskEnd(containers, [...ends(exited(1)), gaveUp], undefined)).toEqual({
      cause: 'start-failed',
      stoppedAt: 12,
      reason: 'DependencyError: …',
      containers: [{ exitCode: 1 }, { reason: 'DependencyError: …' }],
    })
  })

  it('names the cause for which the host ended it', () => {
    expect(taskEnd([aContainer('default', '')], ends(exited(143)), 'timed-out').cause).toBe('timed-out')
  })
})

describe('taskStartedAt', () => {
  it('is when the last essential container started', () => {
    const containers = [aContainer('a', ''), helper(), aContainer('b', '')]
    expect(taskStartedAt(containers, [running(5), waiting, starting])).toBeUndefined()
    expect(taskStartedAt(containers, [running(5), waiting, running(9)])).toBe(9)
  })
})

const task = fc
  .array(fc.record({ essential: fc.boolean(), edges: fc.array(fc.tuple(fc.nat(), fc.nat())) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((drafts) => {
    // The last one is essential, edges lead to earlier ones: what registration lets through.
    const isEssential = (index: number) => index === drafts.length - 1 || drafts[index]!.essential
    return drafts.map(({ edges }, index) => {
      const dependsOn = edges.slice(0, 3).flatMap(([target, kind]): ContainerDependency[] => {
        if (index === 0) return []
        const condition = isEssential(target % index)
          ? 'START'
          : (['START', 'COMPLETE', 'SUCCESS'] as const)[kind % 3]!
        return [{ container: `c${target % index}`, condition }]
      })
      return aContainer(`c${index}`, '', { essential: isEssential(index), dependsOn })
    })
  })

/** A host that does what it is told, one thing at a time, in any order. */
class Host {
  readonly containers: ContainerSpec[]
  readonly progress: ContainerProgress[]
  readonly launched: number[] = []
  stop: TaskStop | undefined
  now = 0

  constructor(containers: ContainerSpec[]) {
    this.containers = containers
    this.progress = containers.map(() => waiting)
  }

  /** One thing happens; false when nothing can any more. */
  happen(choice: number): boolean {
    this.now++
    const step = taskStep(this.containers, this.progress, this.stop, this.now)
    const events = [
      ...step.launch.map((index) => () => this.launch(index)),
      ...step.giveUp.map(
        ({ index }) =>
          () =>
            this.end(index, { how: 'not-started', stoppedAt: this.now }),
      ),
      ...this.progress.flatMap((one, index) => this.eventsOf(one, index)),
    ]
    if (step.isOver) {
      expect(events).toEqual([])
      return false
    }
    expect(events.length).toBeGreaterThan(0)
    events[choice % events.length]!()
    return true
  }

  private eventsOf(one: ContainerProgress, index: number): (() => void)[] {
    const stoppedAt = this.now
    if (one.state === 'starting') {
      return [
        () => {
          this.progress[index] = { state: 'running', since: one.since, startedAt: this.now }
        },
        () => this.end(index, { how: 'start-failed', stoppedAt }),
      ]
    }
    if (one.state !== 'running') return []
    const { startedAt } = one
    return [0, 1].map((exitCode) => () => this.end(index, { how: 'exited', startedAt, stoppedAt, exitCode }))
  }

  private launch(index: number): void {
    expect(this.progress[index]).toEqual(waiting)
    expect(this.stop).toBeUndefined()
    for (const [other, { essential, name }] of this.containers.entries()) {
      const one = this.progress[other]!
      if (essential) expect(one.state).not.toBe('ended')
      for (const { container, condition } of this.containers[index]!.dependsOn ?? []) {
        if (container !== name) continue
        if (condition === 'START') expect(['running', 'ended']).toContain(one.state)
        else expect(one).toMatchObject({ state: 'ended', end: { how: 'exited' } })
        if (condition === 'SUCCESS') expect(one).toMatchObject({ end: { exitCode: 0 } })
      }
    }
    this.launched.push(index)
    this.progress[index] = { state: 'starting', since: this.now }
  }

  private end(index: number, end: ContainerEnd): void {
    this.progress[index] = { state: 'ended', end }
  }
}

describe('a task', () => {
  it('always ends, starting each container at most once and only when it may', () => {
    const stopAfter = fc.option(fc.nat(10), { nil: undefined })
    fc.assert(
      fc.property(task, fc.infiniteStream(fc.nat()), stopAfter, (containers, choices, after) => {
        const host = new Host(containers)
        let happened = 0
        for (const choice of choices) {
          if (happened === after) host.stop = { at: host.now, killAt: host.now + 1 }
          if (!host.happen(choice)) break
          happened++
          expect(happened).toBeLessThan(100)
        }
        expect(new Set(host.launched).size).toBe(host.launched.length)
        const ends = host.progress.map((one) => (one as ContainerProgress & { state: 'ended' }).end)
        const end = taskEnd(containers, ends, undefined)
        const allWell = ends.every(
          ({ how, exitCode }, index) => !containers[index]!.essential || (how === 'exited' && exitCode === 0),
        )
        expect(end.cause === 'exited' && end.exitCode === 0).toBe(allWell)
      }),
    )
  })
})
