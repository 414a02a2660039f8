import { useOf } from '../scheduling/share-usage.ts'
import { type Changes, changedState, isAdded, type PresentState } from './changed-state.ts'
import { type Spread, spreadOf } from './metrics.ts'
import { type Group, type RunTime, RunTimes } from './present-jobs.ts'
import type { PresentHost, PresentQueue, WaitingWork, Work } from './present-state.ts'
import { type JobOfQueue, PresentWorld, type WorldOutcome, type WorldStart } from './present-world.ts'
import { resourcesOf, type TraceJob } from './trace-job.ts'
import { whyNever } from './why-never.ts'

/** A job that is not submitted yet. */
export type NewJob = Omit<WaitingWork, 'seq' | 'work'> & { work: Work }

/**
 * `queue`: the one that is asked about. `waiting`: the sequence number of one of its jobs. `runMs`: for how long the job, new or
 * waiting, is said to run; `assumedMs`: where nothing is known of a run time.
 */
export type WhatIfQuestion = {
  queue: number
  newJob?: NewJob
  waiting?: number
  runMs?: number
  assumedMs: number
  changes: Changes
}

/**
 * When a job starts, epoch ms, of an array the first and the last of its children. `isAtLeast`: it may be later, since not all
 * that is before it could be looked at. `never`: why it does not start. `dollars`: by the list prices of what it asks for.
 */
export type JobForecast = {
  attempts: number
  runTime: RunTime
  isAtLeast: boolean
  startsAt?: number
  lastStartsAt?: number
  endsAt?: number
  hosts: HostForecast[]
  dollars: number
  never?: string
}

/** So many attempts on hosts of one kind. `instanceId`: of the only one. */
export type HostForecast = {
  environment: number
  attempts: number
  host: PresentHost['host']
  instanceId?: string
  isAdded: boolean
}

/** How the jobs of the queue fare that wait now: from now to their starts, milliseconds, of those that start. */
export type WaitForecast = { attempts: number; neverStart: number; waitMs: Spread }
export type WorldForecast = { job?: JobForecast; waiting: WaitForecast; isCut: boolean }

/** `assumedRunTimes`: of how many attempts nothing was known. `mayPreempt`: some may have to make room for others. */
export type WhatIfAnswer = {
  present: WorldForecast
  whatIf: WorldForecast
  assumedRunTimes: number
  mayPreempt: boolean
}

const newSeq = -1

/**
 * Runs the present on as it is, and once more with the job and the changes that are asked about. `jobOf`: whose attempt a
 * run is.
 */
export function whatIf(
  state: PresentState,
  question: WhatIfQuestion,
  jobOf: (attemptId: string) => JobOfQueue | undefined,
): WhatIfAnswer {
  const { queue, newJob, waiting, runMs, assumedMs, changes } = question
  const seq = newJob ? newSeq : waiting
  const givenMs = (job: JobOfQueue) => (job.queue === queue && job.seq === seq ? runMs : undefined)
  const changed = changedState(newJob ? withJob(state, queue, newJob) : state, queue, changes)
  const runTimes = new RunTimes(assumedMs)
  const present = forecast(state, queue, waiting, new PresentWorld(state, { runTimes, jobOf, givenMs }).run())
  const assumedRunTimes = runTimes.assumed
  const parts = { runTimes: new RunTimes(assumedMs), jobOf, givenMs }
  const whatIf =
    changed === state ? present : forecast(changed, queue, seq, new PresentWorld(changed, parts).run())
  const mayPreempt = [...state.queues, ...changed.queues].some(
    (one) => one.schedulingSettings?.preemption?.length,
  )
  return { present, whatIf, assumedRunTimes, mayPreempt }
}

/** The state with a job behind those of its priority. */
function withJob(state: PresentState, number: number, { work, ...job }: NewJob): PresentState {
  const add = (queue: PresentQueue): PresentQueue => ({
    ...queue,
    works: [...queue.works, work],
    waiting: [...queue.waiting, { ...job, seq: newSeq, work: queue.works.length }],
  })
  return { ...state, queues: state.queues.map((queue) => (queue.number === number ? add(queue) : queue)) }
}

function forecast(
  state: PresentState,
  number: number,
  seq: number | undefined,
  { groups, starts, isCut }: WorldOutcome,
): WorldForecast {
  const own = groups.filter((group) => group.queue === number)
  const asked = own.find((group) => group.seq === seq)
  const waits = own.filter((group) => group.seq !== newSeq).flatMap(jobsOf)
  const started = waits.flatMap((job) => starts.get(job) ?? [])
  const waiting = {
    attempts: waits.length,
    neverStart: isCut ? 0 : waits.length - started.length,
    waitMs: spreadOf(started.map(({ at }) => at - state.now)),
  }
  if (!asked) return { waiting, isCut }
  const queue = state.queues.find((one) => one.number === number)!
  const isAtLeast = mayHaveMoreAhead(queue, asked.seq)
  const job = jobForecast(state, asked, starts, isAtLeast)
  if (job.startsAt === undefined && !isCut) job.never = whyNever(state, queue, asked.work)
  return { job, waiting, isCut }
}

/** Jobs that the queue did not tell may stand before the last one that it told: those of its priority, or of other shares. */
function mayHaveMoreAhead({ isCut, waiting, fairsharePolicy }: PresentQueue, seq: number): boolean {
  if (!isCut || waiting.at(-1)?.seq !== seq) return false
  const before = waiting.at(-2)
  return fairsharePolicy !== undefined || before === undefined || waiting.at(-1)!.priority <= before.priority
}

function jobForecast(
  state: PresentState,
  group: Group,
  starts: ReadonlyMap<TraceJob, WorldStart>,
  isAtLeast: boolean,
): JobForecast {
  const jobs = jobsOf(group)
  const started = jobs.flatMap((job) => starts.get(job) ?? [])
  const times = started.map(({ at }) => at)
  const last = times.reduce((latest, at) => Math.max(latest, at), 0)
  const hourly = jobs[0] ? useOf(resourcesOf(jobs[0])).cost : 0
  return {
    attempts: jobs.length,
    runTime: group.runTime,
    isAtLeast: isAtLeast || (started.length > 0 && started.length < jobs.length),
    ...(times.length > 0
      ? {
          startsAt: times.reduce((first, at) => Math.min(first, at)),
          lastStartsAt: last,
          endsAt: last + group.runTime.ms,
        }
      : {}),
    hosts: hostsOf(state, started),
    dollars: (jobs.length * hourly * group.runTime.ms) / 3_600_000,
  }
}

/** Where attempts, or their nodes, start, by kind of host; the most common first. */
function hostsOf(state: PresentState, started: readonly WorldStart[]): HostForecast[] {
  const used = new Map<PresentHost, HostForecast>()
  const hostOf = new Map(
    state.environments.map(({ number, hosts }) => [number, new Map(hosts.map((on) => [on.host.id, on]))]),
  )
  for (const { environment, hosts } of started)
    for (const id of hosts) {
      const on = hostOf.get(environment)!.get(id)!
      const { host, instanceId } = on
      const known = used.get(on) ?? { environment, attempts: 0, host, instanceId, isAdded: isAdded(on) }
      known.attempts++
      used.set(on, known)
    }
  const kinds = Map.groupBy(used.values(), ({ environment, isAdded: added, host: { id: _, ...kind } }) =>
    JSON.stringify([environment, added, kind]),
  )
  return [...kinds.values()].map(togetherOf).sort((a, b) => b.attempts - a.attempts)
}

/** Those of one kind as one, which is named where it is the only one. */
function togetherOf(alike: readonly HostForecast[]): HostForecast {
  const { instanceId: _, ...kind } = alike[0]!
  if (alike.length === 1) return alike[0]!
  return { ...kind, attempts: alike.reduce((sum, { attempts }) => sum + attempts, 0) }
}

function jobsOf({ first, later }: Group): TraceJob[] {
  return [...first, ...later]
}
