import type { AttemptReport, ContainerResult, EndCause } from '../core/model/attempt.ts'
import type { ContainerDependency, ContainerSpec } from '../core/model/container-spec.ts'

/** How one container of a task ended. */
export type ContainerEnd = {
  /** `lost`: it is gone and nobody saw how. `not-started`: the task ended first, or what it depends on came to nothing. */
  how: 'exited' | 'start-failed' | 'lost' | 'not-started'
  startedAt?: number
  stoppedAt: number
  exitCode?: number
  reason?: string
}

/**
 * How far one container of a task has come. `since`: when its start was begun, `startedAt`: when it ran.
 *
 *     waiting ──► starting ──► running ──► ended
 *        │            └────────────────────► ▲
 *        └── not-started ────────────────────┘
 */
export type ContainerProgress =
  | { state: 'waiting' }
  | { state: 'starting'; since: number }
  | { state: 'running'; since: number; startedAt: number }
  | { state: 'ended'; end: ContainerEnd }

/** That the whole task is to end: asked for at `at`, by force from `killAt` on. */
export type TaskStop = { at: number; killAt: number }

/** What is to be done about a task now. Containers are named by their place in the task. */
export type TaskStep = {
  launch: number[]
  /** Waiting containers that will never run; the reason is absent where the task ends before their turn. */
  giveUp: { index: number; reason?: string }[]
  /** Containers to end: asked at once, by force from `killAt` on. The same ones every time until they have ended. */
  stop: { index: number; killAt: number }[]
  /** When to look again although nothing has happened: a start timeout runs out. */
  wakeAt?: number
  isOver: boolean
}

/**
 * What follows from how far the containers of a task have come (Amazon ECS: container dependencies, essential
 * containers). The end of an essential container, whatever it was, is the end of the task. Needs nothing but what a
 * host finds again after a crash, and may be asked as often as one likes: a container that has been launched is none
 * to launch any more.
 */
export function taskStep(
  containers: readonly ContainerSpec[],
  progress: readonly ContainerProgress[],
  stop: TaskStop | undefined,
  now: number,
): TaskStep {
  const step: TaskStep = { launch: [], giveUp: [], stop: [], isOver: false }
  const endingAt = endOfTask(containers, progress, stop)
  for (const [index, container] of containers.entries()) {
    const { state } = progress[index]!
    if (state === 'ended') continue
    if (endingAt !== undefined) {
      if (state === 'waiting') step.giveUp.push({ index })
      else step.stop.push({ index, killAt: killTime(container, endingAt, stop) })
    } else if (state === 'waiting') decideStart(step, containers, progress, index, now)
  }
  step.isOver = progress.every(({ state }) => state === 'ended')
  return step
}

/** Since when the task is ending: it was told to, or an essential container has ended. */
function endOfTask(
  containers: readonly ContainerSpec[],
  progress: readonly ContainerProgress[],
  stop: TaskStop | undefined,
): number | undefined {
  let earliest = stop?.at
  for (const [index, one] of progress.entries()) {
    if (one.state !== 'ended' || !containers[index]!.essential) continue
    earliest = Math.min(earliest ?? one.end.stoppedAt, one.end.stoppedAt)
  }
  return earliest
}

function killTime(container: ContainerSpec, endingAt: number, stop: TaskStop | undefined): number {
  const own = endingAt + container.stopTimeoutSeconds * 1000
  return stop ? Math.min(own, stop.killAt) : own
}

function decideStart(
  step: TaskStep,
  containers: readonly ContainerSpec[],
  progress: readonly ContainerProgress[],
  index: number,
  now: number,
): void {
  let mayStart = true
  for (const dependency of containers[index]!.dependsOn ?? []) {
    const target = containers.findIndex(({ name }) => name === dependency.container)
    const one = progress[target]
    const verdict = one ? verdictOn(dependency.condition, one) : 'is not part of the task'
    if (verdict === 'met') continue
    mayStart = false
    const limit = containers[target]?.startTimeoutSeconds
    const since = one && 'since' in one ? one.since : undefined
    const timesOutAt = limit === undefined || since === undefined ? undefined : since + limit * 1000
    const failure =
      verdict !== 'pending' ? verdict : (timesOutAt ?? now + 1) <= now ? tooLate(limit!) : undefined
    if (failure !== undefined) {
      step.giveUp.push({ index, reason: `DependencyError: container ${dependency.container} ${failure}` })
      return
    }
    if (timesOutAt !== undefined) step.wakeAt = Math.min(step.wakeAt ?? timesOutAt, timesOutAt)
  }
  if (mayStart) step.launch.push(index)
}

function tooLate(limitSeconds: number): string {
  return `was not ready within its startTimeout of ${limitSeconds} s`
}

/** Whether the condition holds, may still come to hold, or why it cannot any more. */
function verdictOn(condition: ContainerDependency['condition'], one: ContainerProgress): string {
  if (one.state === 'waiting' || one.state === 'starting') return 'pending'
  if (one.state === 'running') return condition === 'START' ? 'met' : 'pending'
  const { how, exitCode } = one.end
  if (how === 'start-failed' || how === 'not-started') return 'did not start'
  if (condition !== 'SUCCESS' || exitCode === 0) return 'met'
  return exitCode === undefined ? 'was lost' : `exited with code ${exitCode}`
}

/** When the task began to run: its essential containers have all started. Undefined before. */
export function taskStartedAt(
  containers: readonly ContainerSpec[],
  progress: readonly ContainerProgress[],
): number | undefined {
  const starts = essentialStarts(containers, progress)
  return starts.includes(undefined) ? undefined : Math.max(...(starts as number[]))
}

function essentialStarts(
  containers: readonly ContainerSpec[],
  progress: readonly ContainerProgress[],
): (number | undefined)[] {
  return progress
    .filter((_, index) => containers[index]!.essential)
    .map((one) =>
      one.state === 'running' ? one.startedAt : one.state === 'ended' ? one.end.startedAt : undefined,
    )
}

/** What the end of a task reports, but for the attempt's id. */
export type TaskEnd = Omit<AttemptReport & { kind: 'ended' }, 'attemptId' | 'kind'>

/**
 * The end of a task whose containers have all ended. It went well when every essential container exited with 0; the
 * first of them that did not speaks for the whole, else the first that ended. `cause`: why the host ended it, if it did.
 */
export function taskEnd(
  containers: readonly ContainerSpec[],
  ends: readonly ContainerEnd[],
  cause: EndCause | undefined,
): TaskEnd {
  const speaker = ends
    .filter((_, index) => containers[index]!.essential)
    .toSorted((a, b) => Number(wentWell(a)) - Number(wentWell(b)) || a.stoppedAt - b.stoppedAt)[0]!
  const starts = ends.flatMap(({ startedAt }, index) =>
    containers[index]!.essential && startedAt !== undefined ? [startedAt] : [],
  )
  const { exitCode, reason } = speaker
  return {
    cause: cause ?? causeOf(speaker),
    ...(starts.length === 0 ? {} : { startedAt: Math.max(...starts) }),
    stoppedAt: Math.max(...starts, ...ends.map(({ stoppedAt }) => stoppedAt)),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason }),
    ...(ends.length > 1 ? { containers: ends.map(resultOf) } : {}),
  }
}

function wentWell({ how, exitCode }: ContainerEnd): boolean {
  return how === 'exited' && exitCode === 0
}

function causeOf({ how }: ContainerEnd): EndCause {
  if (how === 'lost') return 'host-failed'
  return how === 'exited' ? 'exited' : 'start-failed'
}

function resultOf({ exitCode, reason }: ContainerEnd): ContainerResult {
  return {
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason }),
  }
}
