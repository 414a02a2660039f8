import { present } from '../../core/assert.ts'
import type { Ledger, Waiter } from '../../core/decisions/ledger.ts'
import type { ArrayChildren } from '../../core/lifecycle/array-children.ts'
import { limits } from '../../core/limits.ts'
import { type AttemptKey, formatAttemptId, type JobTarget } from '../../core/model/ids.ts'
import { type Range, unitedRanges } from '../../core/model/index-set.ts'
import { isTerminal } from '../../core/model/job.ts'
import type { RetryStrategy } from '../../core/model/job-definition.ts'
import type { ArrayKey, Job } from '../../core/model/job-record.ts'
import type { Progress } from '../../core/model/progress.ts'
import type { Mirror } from './array-mirrors.ts'
import type { QueueMessage } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'

/** Nodes of one attempt of a multi-node parallel job. */
export type NodeAttempts = { seq: number; attempt: number; nodes: number[] }

/** What an environment is asked for. Of nodes it names but the numbers: the rest is looked up when it is delivered. */
export type EnvironmentOrder =
  | { attemptId: string; reason: string }
  | { start: NodeAttempts }
  | { stop: NodeAttempts; reason: string }

/** Where a message of the outbox goes, as its destination column says: `queue/{n}` or `environment/{n}`. */
export type OutboxMessage =
  | { to: 'queue'; number: number; message: QueueMessage }
  | { to: 'environment'; number: number; message: EnvironmentOrder }

/** Children of an array that have ended, by position. */
type ChildEnds = { succeeded: Range[]; failed: Range[] }

/** The Ledger of one transaction: reads through to the queue's state, collects writes, applies each row once. */
export class QueueLedger implements Ledger {
  readonly now: number
  private readonly state: QueueState
  private readonly jobs = new Map<number, Job>()
  private readonly inserted = new Set<number>()
  /** Shares of new jobs, by number. */
  readonly submittedShares = new Set<number>()
  private readonly savedChildren = new Map<number, Map<number, Progress>>()
  private readonly savedNodes = new Map<number, Map<number, Progress>>()
  private readonly steps: (() => void)[] = []
  private readonly messages: OutboxMessage[] = []
  private readonly ended = new Set<number>()
  private readonly dirty = new Set<number>()
  /** Children of a follower may start; no row tells of it. */
  private released = false
  /** Ends of children that other queues' arrays wait for. */
  private readonly childEnds = new Map<number, ChildEnds>()
  /** Jobs that wait for others and may still be told of their ends. */
  private waitersLeft: number = limits.waitersPerCommit

  constructor(state: QueueState, now: number) {
    this.state = state
    this.now = now
  }

  /** Something may be placed now that could not before. */
  get madeReady(): boolean {
    const children = [...this.savedChildren.values(), ...this.savedNodes.values()].flatMap((saved) => [
      ...saved.values(),
    ])
    return (
      this.released ||
      [...this.dirty].some((seq) => this.jobs.get(seq)?.ready) ||
      children.some(({ state }) => state !== 'RUNNING')
    )
  }

  /** New jobs are among what is written. */
  get submitted(): boolean {
    return this.inserted.size > 0
  }

  get queue(): number {
    return this.state.config.number
  }

  job(seq: number): Job | undefined {
    const known = this.jobs.get(seq)
    if (known) return known
    const job = this.state.loadJob(seq)
    if (job) this.jobs.set(seq, job)
    return job
  }

  children(seq: number): ArrayChildren {
    return this.interest(seq).children
  }

  child(seq: number, index: number): Progress {
    const saved = this.savedChildren.get(seq)?.get(index)
    return saved ?? this.state.childProgress(present(this.job(seq), `array ${seq}`), index)
  }

  node(seq: number, node: number): Progress | undefined {
    return this.savedNodes.get(seq)?.get(node) ?? this.state.arrays.record(seq, node)
  }

  retryStrategy(job: Job): RetryStrategy {
    return job.request.retryStrategy ?? this.state.jobs.definition(job.definition).body.retryStrategy ?? {}
  }

  insert(job: Job): void {
    this.jobs.set(job.seq, job)
    this.inserted.add(job.seq)
    this.submittedShares.add(job.share)
    this.dirty.add(job.seq)
  }

  save(job: Job): void {
    this.jobs.set(job.seq, job)
    this.dirty.add(job.seq)
    if (isTerminal(job.progress.state)) this.ended.add(job.seq)
  }

  saveChild(seq: number, index: number, progress: Progress): void {
    const mirror = this.interest(seq)
    const saved = this.savedChildren.get(seq) ?? new Map<number, Progress>()
    this.savedChildren.set(seq, saved.set(index, progress))
    mirror.children.set(index, progress.state)
    mirror.updatedAt = this.now
  }

  saveNode(seq: number, node: number, progress: Progress): void {
    const saved = this.savedNodes.get(seq) ?? new Map<number, Progress>()
    this.savedNodes.set(seq, saved.set(node, progress))
  }

  waiters(target: JobTarget, succeeded: boolean): Waiter[] {
    if (target.queue === this.queue && !this.isAwaited(target)) return []
    const waiters = this.state.dependencies.waiters(target, this.waitersLeft + 1)
    if (waiters.length > this.waitersLeft) {
      waiters.pop()
      this.send({ to: 'queue', number: this.queue, message: { kind: 'ended', job: target, succeeded } })
    }
    this.waitersLeft -= waiters.length
    return waiters
  }

  followers(array: ArrayKey): number[] {
    if (array.queue !== this.queue || !this.job(array.seq)) return this.state.dependencies.followers(array)
    return this.interest(array.seq).followers
  }

  counterpartSucceeded(array: ArrayKey, position: number): boolean {
    if (array.queue !== this.queue) return this.state.counterparts.has(array, position)
    // What is deleted has ended, and its failed children have failed ours long ago.
    if (!this.job(array.seq)) return true
    return this.child(array.seq, position).state === 'SUCCEEDED'
  }

  noteCounterparts(array: ArrayKey, succeeded: readonly Range[]): void {
    if (succeeded.length > 0) this.released = true
    this.state.counterparts.add(array, succeeded)
  }

  tellFollowers(seq: number, ended: readonly Range[], succeeded: boolean): void {
    if (this.interest(seq).followingQueues.length === 0) return
    const ends = this.childEnds.get(seq) ?? { succeeded: [], failed: [] }
    const known = ends[succeeded ? 'succeeded' : 'failed']
    for (const range of ended) known.push(range)
    this.childEnds.set(seq, ends)
  }

  failFollowersLater(seq: number, failed: readonly Range[]): void {
    this.sendChildEnds(this.queue, seq, { succeeded: [], failed: [...failed] })
  }

  awaitedChildren(seq: number): Iterable<number> {
    return this.interest(seq).awaited
  }

  dropWaiters(target: JobTarget, waiters: readonly Waiter[]): void {
    this.state.dependencies.dropWaiters(target, waiters)
  }

  tellWatchers(target: JobTarget, succeeded: boolean): void {
    if (!this.isAwaited(target)) return
    const { seq, index } = target
    const queues = this.state.dependencies.takeWatchers(seq, index)
    if (queues.length === 0) return
    const job =
      index === undefined
        ? target
        : { ...target, index: this.state.indexes.indexAt(present(this.job(seq), 'array'), index) }
    for (const number of queues)
      this.send({ to: 'queue', number, message: { kind: 'ended', job, succeeded } })
  }

  stopAttempt(attempt: AttemptKey, environment: number, reason: string): void {
    const attemptId = formatAttemptId(attempt, this.state.deployment.salt)
    this.send({ to: 'environment', number: environment, message: { attemptId, reason } })
  }

  startNodes(seq: number, attempt: number, nodes: number[], environment: number): void {
    this.send({ to: 'environment', number: environment, message: { start: { seq, attempt, nodes } } })
  }

  stopNodes(seq: number, attempt: number, nodes: number[], environment: number, reason: string): void {
    this.send({ to: 'environment', number: environment, message: { stop: { seq, attempt, nodes }, reason } })
  }

  send(message: OutboxMessage): void {
    this.messages.push(message)
  }

  later(step: () => void): void {
    this.steps.push(step)
  }

  /** Runs what was put off, then writes everything. Returns the messages that follow. */
  apply(): OutboxMessage[] {
    for (let i = 0; i < this.steps.length; i++) this.steps[i]!()
    for (const seq of this.dirty) {
      const job = present(this.jobs.get(seq), 'dirty job')
      if (this.inserted.has(seq)) this.insertRows(job)
      else this.state.jobs.updateJob(job)
      if (isTerminal(job.progress.state)) this.state.ended.note(seq, job.progress.state)
    }
    for (const saved of [this.savedChildren, this.savedNodes])
      for (const [seq, changed] of saved) this.state.arrays.saveRecords(seq, changed)
    for (const [seq, ends] of this.childEnds)
      for (const number of this.interest(seq).followingQueues) this.sendChildEnds(number, seq, ends)
    for (const seq of this.ended) this.dropFollowing(present(this.jobs.get(seq), 'ended job'))
    return this.messages
  }

  /** After the commit: memory follows what was written. */
  committed(): void {
    for (const seq of this.dirty) {
      const job = present(this.jobs.get(seq), 'dirty job')
      if (job.ready) this.state.order.reconsider(job)
      this.state.noteState(job)
    }
    for (const seq of this.ended) this.state.arrays.forget(seq)
    for (const seq of this.savedChildren.keys()) if (!this.ended.has(seq)) this.state.noteBusy(seq)
    this.state.arrays.unpin()
  }

  private insertRows(job: Job): void {
    this.state.jobs.insertJob(job)
    const resources = this.state.consumableNeeds(job).map(({ resource }) => resource)
    this.state.consumers.insert(job.seq, resources)
  }

  /** Tells a queue which children of an array have ended, by position, in messages of bounded length. */
  sendChildEnds(number: number, seq: number, ends: ChildEnds): void {
    const job = { queue: this.queue, shard: 0, seq }
    const send = (succeeded: Range[], failed: Range[]) =>
      this.send({ to: 'queue', number, message: { kind: 'children-ended', job, succeeded, failed } })
    const most = limits.childRangesPerMessage
    const parts = (ended: readonly Range[]) => {
      const ranges = unitedRanges(ended)
      return Array.from({ length: Math.ceil(ranges.length / most) }, (_, i) =>
        ranges.slice(i * most, (i + 1) * most),
      )
    }
    const [succeeded, failed] = [parts(ends.succeeded), parts(ends.failed)]
    if (succeeded.length <= 1 && failed.length <= 1) return send(succeeded[0] ?? [], failed[0] ?? [])
    for (const ranges of succeeded) send(ranges, [])
    for (const ranges of failed) send([], ranges)
  }

  /** An array that has ended follows nobody any more, and is not followed. */
  private dropFollowing(job: Job): void {
    if (!job.array) return
    const { dependencies, counterparts } = this.state
    if (this.interest(job.seq).followingQueues.length > 0) dependencies.dropFollowingQueues(job.seq)
    for (const array of job.array.foreignNToN ?? []) {
      dependencies.dropFollower(array, job.seq)
      if (dependencies.followers(array).length === 0) counterparts.drop(array)
    }
  }

  /** Whether anybody may wait for a job of this queue; of a child memory knows, which saves the look-up. */
  private isAwaited({ seq, index }: JobTarget): boolean {
    return index === undefined || this.interest(seq).awaited.has(index)
  }

  /** What it says may run ahead of the store until the commit: it stays in memory so long. */
  private interest(seq: number): Mirror {
    this.state.arrays.pin(seq)
    return this.state.mirror(present(this.job(seq), `array ${seq}`))
  }
}
