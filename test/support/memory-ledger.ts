import { present } from '../../src/core/assert.ts'
import type { Ledger, Waiter } from '../../src/core/decisions/ledger.ts'
import { settleCounterparts } from '../../src/core/decisions/settle-counterparts.ts'
import { ArrayChildren } from '../../src/core/lifecycle/array-children.ts'
import { attemptNumber, placed } from '../../src/core/lifecycle/job-lifecycle.ts'
import type { AttemptKey, JobTarget } from '../../src/core/model/ids.ts'
import { numbersIn, type Range } from '../../src/core/model/index-set.ts'
import { isTerminal } from '../../src/core/model/job.ts'
import type { JobDefinition, RetryStrategy } from '../../src/core/model/job-definition.ts'
import type { ArrayKey, Dependency, Job } from '../../src/core/model/job-record.ts'
import type { Progress, Where } from '../../src/core/model/progress.ts'
import { somewhere } from './builders.ts'

/** What decisions asked for beyond changed jobs. */
export type Effect =
  | { kind: 'stop'; attempt: AttemptKey; environment: number; reason: string }
  | { kind: 'start-nodes'; seq: number; attempt: number; nodes: number[]; environment: number }
  | { kind: 'stop-nodes'; seq: number; attempt: number; nodes: number[]; environment: number; reason: string }
  | { kind: 'tell'; target: JobTarget; succeeded: boolean }
  | { kind: 'child-ended'; seq: number; position: number; succeeded: boolean }

/**
 * A queue's jobs in maps, as far as decisions see them. As in a queue, placements that have not reported a start and
 * the mirrors of arrays are memory: `restart` loses them.
 */
export class MemoryLedger implements Ledger {
  readonly queue = 1
  now = 1_000
  readonly effects: Effect[] = []
  /** By `Job.definition`. */
  readonly definitions = new Map<number, JobDefinition>()
  private readonly jobs = new Map<number, Job>()
  private readonly records = new Map<number, Map<number, Progress>>()
  private readonly nodes = new Map<number, Map<number, Progress>>()
  private edges: Dependency[] = []
  private readonly watched = new Set<string>()
  private readonly mirrors = new Map<number, ArrayChildren>()
  private readonly placements = new Map<string, Where>()
  private readonly steps: (() => void)[] = []
  /** What other queues told of their arrays' children. */
  private readonly counterparts = new Set<string>()
  /** Arrays that arrays of other queues follow. */
  readonly followedAbroad = new Set<number>()

  constructor(jobs: Job[] = [], edges: Omit<Dependency, 'queue'>[] = []) {
    for (const job of jobs) this.insert(job)
    for (const edge of edges) this.edges.push({ ...edge, queue: this.queue })
  }

  /** One decision: what it puts off is done before this returns. */
  decide<Result>(decision: (ledger: Ledger) => Result): Result {
    const result = decision(this)
    for (let step = this.steps.shift(); step; step = this.steps.shift()) step()
    return result
  }

  insert(job: Job, edges: Dependency[] = []): void {
    this.jobs.set(job.seq, job)
    this.edges.push(...edges)
  }

  /** Another queue wants to hear how a job or child ends. */
  watch(seq: number, index?: number): void {
    this.watched.add(nameOf({ seq, ...indexOf(index) }))
  }

  /** A host has taken the next attempt of a RUNNABLE job or child; nothing is stored. */
  place(seq: number, index?: number, where: Where = somewhere): AttemptKey {
    const job = this.stored(seq)
    const progress = index === undefined ? job.progress : this.childRecord(seq, index)
    const node = job.nodes && { node: job.nodes.main }
    const key = { queue: this.queue, seq, ...indexOf(index), ...node, attempt: attemptNumber(progress) }
    this.placements.set(`${nameOf(key)}#${key.attempt}`, where)
    if (index !== undefined) this.children(seq).set(index, 'STARTING')
    return key
  }

  /** A report about the attempt has been taken in. */
  release(key: AttemptKey): void {
    this.placements.delete(`${nameOf(key)}#${key.attempt}`)
  }

  /** Loses what only memory holds. */
  restart(): void {
    this.mirrors.clear()
    this.placements.clear()
  }

  /** The history of an ended job is deleted. */
  forget(seq: number): void {
    this.jobs.delete(seq)
    this.records.delete(seq)
    this.mirrors.delete(seq)
    this.edges = this.edges.filter((edge) => edge.seq !== seq)
  }

  job(seq: number): Job | undefined {
    const job = this.jobs.get(seq)
    if (!job || job.array) return job
    const progress = this.withPlacement({ seq }, job.progress)
    return progress === job.progress ? job : { ...job, progress }
  }

  children(seq: number): ArrayChildren {
    const known = this.mirrors.get(seq)
    if (known) return known
    const job = this.stored(seq)
    const children = new ArrayChildren({ ...present(job.array, 'array shape') }, job.unmet === 0)
    this.mirrors.set(seq, children)
    for (const [index, { state }] of this.records.get(seq) ?? []) children.set(index, state)
    const { nToN, foreignNToN = [] } = children.shape
    const arrays = [...nToN.map((other) => ({ queue: this.queue, seq: other })), ...foreignNToN]
    for (let index = 0; index < children.shape.size && arrays.length > 0; index++)
      if (arrays.every((array) => this.counterpartSucceeded(array, index))) children.release(index)
    return children
  }

  child(seq: number, index: number): Progress {
    return this.withPlacement({ seq, index }, this.childRecord(seq, index))
  }

  node(seq: number, node: number): Progress | undefined {
    return this.nodes.get(seq)?.get(node)
  }

  retryStrategy(job: Job): RetryStrategy {
    return job.request.retryStrategy ?? this.definitions.get(job.definition)?.body.retryStrategy ?? {}
  }

  save(job: Job): void {
    this.jobs.set(job.seq, job)
  }

  saveChild(seq: number, index: number, progress: Progress): void {
    const records = this.records.get(seq) ?? new Map<number, Progress>()
    this.records.set(seq, records.set(index, progress))
    this.children(seq).set(index, progress.state)
  }

  saveNode(seq: number, node: number, progress: Progress): void {
    const records = this.nodes.get(seq) ?? new Map<number, Progress>()
    this.nodes.set(seq, records.set(node, progress))
  }

  waiters(target: JobTarget): Waiter[] {
    return this.edges
      .filter((edge) => edge.kind === 'whole' && nameOf(edge) === nameOf(target))
      .map(({ waiter, condition }) => ({ seq: waiter, condition }))
  }

  followers({ queue, seq }: ArrayKey): number[] {
    return this.edges
      .filter((edge) => edge.kind === 'children' && edge.queue === queue && edge.seq === seq)
      .map(({ waiter }) => waiter)
  }

  counterpartSucceeded(array: ArrayKey, position: number): boolean {
    if (array.queue === this.queue)
      return !this.jobs.has(array.seq) || this.child(array.seq, position).state === 'SUCCEEDED'
    return this.counterparts.has(`${array.queue}/${array.seq}/${position}`)
  }

  noteCounterparts(array: ArrayKey, succeeded: readonly Range[]): void {
    for (const position of numbersIn(succeeded))
      this.counterparts.add(`${array.queue}/${array.seq}/${position}`)
  }

  tellFollowers(seq: number, ended: readonly Range[], succeeded: boolean): void {
    if (!this.followedAbroad.has(seq)) return
    for (const position of numbersIn(ended))
      this.effects.push({ kind: 'child-ended', seq, position, succeeded })
  }

  awaitedChildren(seq: number): number[] {
    return [...Array(this.stored(seq).array?.size ?? 0).keys()].filter((index) => {
      const name = nameOf({ seq, index })
      return this.watched.has(name) || this.edges.some((edge) => nameOf(edge) === name)
    })
  }

  dropWaiters(target: JobTarget, waiters: readonly Waiter[]): void {
    const told = new Set(waiters.map(({ seq }) => seq))
    this.edges = this.edges.filter(
      (edge) => edge.kind !== 'whole' || nameOf(edge) !== nameOf(target) || !told.has(edge.waiter),
    )
  }

  failFollowersLater(seq: number, failed: readonly Range[]): void {
    const array = { queue: this.queue, seq }
    this.steps.push(() => {
      while (settleCounterparts(this, array, { succeeded: [], failed }));
    })
  }

  tellWatchers(target: JobTarget, succeeded: boolean): void {
    if (this.watched.delete(nameOf(target))) this.effects.push({ kind: 'tell', target, succeeded })
  }

  stopAttempt(attempt: AttemptKey, environment: number, reason: string): void {
    this.effects.push({ kind: 'stop', attempt, environment, reason })
  }

  startNodes(seq: number, attempt: number, nodes: number[], environment: number): void {
    this.effects.push({ kind: 'start-nodes', seq, attempt, nodes, environment })
  }

  stopNodes(seq: number, attempt: number, nodes: number[], environment: number, reason: string): void {
    this.effects.push({ kind: 'stop-nodes', seq, attempt, nodes, environment, reason })
  }

  later(step: () => void): void {
    this.steps.push(step)
  }

  private stored(seq: number): Job {
    return present(this.jobs.get(seq), `job ${seq}`)
  }

  private childRecord(seq: number, index: number): Progress {
    return this.records.get(seq)?.get(index) ?? this.untouched(this.stored(seq), index)
  }

  private untouched(parent: Job, index: number): Progress {
    if (parent.array?.rest) return { state: 'FAILED', attempts: [], ...parent.array.rest }
    if (isTerminal(parent.progress.state)) return { state: parent.progress.state, attempts: [] }
    const state = this.children(parent.seq).state(index)
    return { state: state === 'STARTING' ? 'RUNNABLE' : state, attempts: [] }
  }

  private withPlacement(key: { seq: number; index?: number }, progress: Progress): Progress {
    const where = this.placements.get(`${nameOf(key)}#${attemptNumber(progress)}`)
    return where ? placed(progress, where) : progress
  }
}

function nameOf({ seq, index }: { seq: number; index?: number }): string {
  return index === undefined ? `${seq}` : `${seq}:${index}`
}

function indexOf(index: number | undefined): { index?: number } {
  return index === undefined ? {} : { index }
}
