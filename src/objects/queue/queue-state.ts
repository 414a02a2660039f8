import { present } from '../../core/assert.ts'
import type { ArrayChildren } from '../../core/lifecycle/array-children.ts'
import { attemptNumber, placed } from '../../core/lifecycle/job-lifecycle.ts'
import { nodeProgress, untouchedNode } from '../../core/lifecycle/node-lifecycle.ts'
import type { ConsumableNeed } from '../../core/model/consumable.ts'
import { consumableNeeds } from '../../core/model/consumable-needs.ts'
import type { Deployment } from '../../core/model/deployment.ts'
import { type AttemptKey, formatAttemptId, type JobTarget, parseAttemptId } from '../../core/model/ids.ts'
import { intersection, type Range } from '../../core/model/index-set.ts'
import { isTerminal } from '../../core/model/job.ts'
import type { Job } from '../../core/model/job-record.ts'
import type { Progress, Where } from '../../core/model/progress.ts'
import type { QueueConfig } from '../../core/model/queue.ts'
import { RunTimeEstimate } from '../../core/scheduling/run-time-estimate.ts'
import type { Sql } from '../../runtime/sql.ts'
import { Allocations } from './allocations.ts'
import { ArrayMirrors, type Mirror } from './array-mirrors.ts'
import { BarrenBlocks } from './barren-blocks.ts'
import { ChildStore } from './child-store.ts'
import { ConsumerStore } from './consumer-store.ts'
import { CounterpartStore } from './counterpart-store.ts'
import { DependencyStore } from './dependency-store.ts'
import { EndedBlocks } from './ended-blocks.ts'
import { FormerEnvironments } from './former-environments.ts'
import { HostWait } from './host-wait.ts'
import { IndexStore } from './index-store.ts'
import { JobShapes } from './job-shapes.ts'
import { QueueStore } from './queue-store.ts'
import { ReadyOrder } from './ready-order.ts'
import { ReadyStore } from './ready-store.ts'
import { TokenStore } from './token-store.ts'

type Starting = { key: AttemptKey; where: Where }

/**
 * A queue's stores together with what only memory holds: the placements that have not reported a start (they are the
 * environments' to keep, and are asked for again when the object starts anew), and the mirrors of arrays.
 */
export class QueueState {
  readonly deployment: Deployment
  private readonly sql: Sql
  readonly jobs: QueueStore
  readonly dependencies: DependencyStore
  readonly consumers: ConsumerStore
  readonly arrays: ArrayMirrors
  readonly indexes: IndexStore
  readonly tokens: TokenStore
  readonly counterparts: CounterpartStore
  readonly ended: EndedBlocks
  readonly barren = new BarrenBlocks()
  readonly ready: ReadyStore
  readonly order: ReadyOrder
  readonly shapes: JobShapes
  readonly allocations: Allocations
  /** How long attempts of a shape ran of late. */
  readonly estimates = new RunTimeEstimate()
  readonly former: FormerEnvironments
  readonly hostWait = new HostWait()
  /** Single jobs in RUNNING, by sequence number. */
  readonly running = new Set<number>()
  /** Arrays that may have a child in STARTING or RUNNING. */
  private readonly busyArrays = new Set<number>()
  private readonly starting = new Map<string, Starting>()
  private readonly startingBySeq = new Map<number, Set<string>>()
  private configuration: QueueConfig | undefined
  nextSeq: number

  constructor(sql: Sql, deployment: Deployment) {
    this.deployment = deployment
    this.sql = sql
    this.jobs = new QueueStore(sql)
    this.dependencies = new DependencyStore(sql)
    this.consumers = new ConsumerStore(sql)
    this.arrays = new ArrayMirrors(new ChildStore(sql), this.dependencies, () => this.config.number)
    this.indexes = new IndexStore(sql)
    this.tokens = new TokenStore(sql)
    this.counterparts = new CounterpartStore(sql)
    this.ended = new EndedBlocks(sql)
    this.ready = new ReadyStore(sql)
    this.order = new ReadyOrder(this.ready)
    this.shapes = new JobShapes(this.jobs)
    this.allocations = new Allocations(sql, deployment.salt, this)
    this.former = new FormerEnvironments(sql)
    this.configuration = this.jobs.loadConfig()
    this.nextSeq = this.jobs.lastSeq() + 1
    if (this.configuration) this.followPolicy(0)
  }

  get configured(): boolean {
    return this.configuration !== undefined
  }

  get config(): QueueConfig {
    return present(this.configuration, 'queue configuration')
  }

  /** Takes a configuration over in a transaction of its own, with what else `andThen` writes; false for an old one. */
  configure(config: QueueConfig, now: number, andThen: () => void): boolean {
    const before = this.configuration
    if (before && (config.version ?? 0) < (before.version ?? 0)) return false
    let committed = (): void => undefined
    this.sql.transaction(() => {
      this.jobs.saveConfig(config)
      committed = this.former.orderChanged(before?.environments ?? [], config.environments)
      andThen()
    })
    committed()
    this.configuration = config
    this.followPolicy(now)
    for (const { number } of config.environments) this.hostWait.forget(number)
    return true
  }

  /** A queue with a policy that says nothing shares by its defaults. */
  private followPolicy(now: number): void {
    const { schedulingPolicyArn, fairsharePolicy = {} } = this.config
    this.allocations.configure(schedulingPolicyArn === undefined ? undefined : fairsharePolicy, now)
  }

  /** The environment's name, also of one that has left the order. */
  environmentName(number: number): string {
    const current = this.config.environments.find((entry) => entry.number === number)
    return current?.name ?? this.former.nameOf(number) ?? `environment-${number}`
  }

  /** After a failed commit: memory is read again from the store. */
  reset(): void {
    this.arrays.clear()
    this.indexes.clear()
    this.counterparts.clear()
    this.ended.clear()
    this.barren.clear()
    this.order.restart()
    this.jobs.reload()
    this.ready.reload()
    this.nextSeq = Math.max(this.nextSeq, this.jobs.lastSeq() + 1)
  }

  /** A job as it is now, its placement included. */
  loadJob(seq: number): Job | undefined {
    const job = this.jobs.loadJob(seq)
    return job && this.withPlacement(job)
  }

  withPlacement(job: Job): Job {
    if (job.array || job.progress.state !== 'RUNNABLE') return job
    const node = job.nodes && { node: job.nodes.main }
    const progress = this.overlay({ queue: this.config.number, seq: job.seq, ...node }, job.progress)
    return progress === job.progress ? job : { ...job, progress }
  }

  mirror(job: Job): Mirror {
    const known = this.arrays.known(job.seq)
    if (known) return known
    const mirror = this.arrays.build(job, this.startingChildren(job.seq))
    if (mirror.children.isFollower && !isTerminal(job.progress.state)) this.releaseFollower(mirror.children)
    return mirror
  }

  /** A target as the queue knows it: a child by its position. Undefined where there is no such job or child. */
  locate(target: JobTarget, job = this.jobs.loadJob(target.seq)): JobTarget | undefined {
    return job && this.indexes.locate(job, target)
  }

  childProgress(job: Job, index: number): Progress {
    const record = this.arrays.record(job.seq, index) ?? this.untouchedChild(job, index)
    if (record.state !== 'RUNNABLE') return record
    return this.overlay({ queue: this.config.number, seq: job.seq, index }, record)
  }

  /** What is known of a node of a multi-node parallel job, which has its placement (`withPlacement`). */
  nodeProgress(job: Job, node: number): Progress {
    const { seq, progress } = job
    if (node === job.nodes?.main) return progress
    const key = { queue: this.config.number, seq, node, attempt: attemptNumber(progress) }
    const held = this.startingBySeq.has(seq)
      ? this.starting.get(formatAttemptId(key, this.deployment.salt))
      : undefined
    return nodeProgress(job, this.arrays.record(seq, node) ?? untouchedNode, held?.where)
  }

  /** How far the job or array child of an attempt has come. */
  progressOf({ seq, index }: AttemptKey): Progress | undefined {
    const job = this.loadJob(seq)
    return job && (index === undefined ? job.progress : this.childProgress(job, index))
  }

  /** What each attempt of a job holds while it is in progress. */
  consumableNeeds(job: Job): ConsumableNeed[] {
    return consumableNeeds(this.deployment, this.jobs.definition(job.definition), job.request)
  }

  hold(attemptId: string, key: AttemptKey, where: Where): void {
    this.starting.set(attemptId, { key, where })
    if (key.index !== undefined) this.busyArrays.add(key.seq)
    const attempts = this.startingBySeq.get(key.seq) ?? new Set()
    this.startingBySeq.set(key.seq, attempts.add(attemptId))
  }

  release(attemptId: string): void {
    const held = this.starting.get(attemptId)
    if (!held) return
    this.starting.delete(attemptId)
    const attempts = this.startingBySeq.get(held.key.seq)
    attempts?.delete(attemptId)
    if (attempts?.size === 0) this.startingBySeq.delete(held.key.seq)
  }

  /** A multi-node parallel job's placements came to nothing, its main node's with them. */
  releaseAll(seq: number): void {
    for (const attemptId of [...(this.startingBySeq.get(seq) ?? [])]) this.release(attemptId)
  }

  isStarting(attemptId: string): boolean {
    return this.starting.has(attemptId)
  }

  /** Jobs other than arrays with a placement that has not reported a start. */
  startingJobs(): number[] {
    const keys = [...this.starting.values()].map(({ key }) => key).filter(({ index }) => index === undefined)
    return [...new Set(keys.map(({ seq }) => seq))]
  }

  /** An array's child may have begun to run. */
  noteBusy(seq: number): void {
    this.busyArrays.add(seq)
  }

  /** Jobs in STARTING or RUNNING, and how many attempts of each: of an array, one a child. */
  *dispatched(): Generator<{ job: Job; attempts: number }> {
    for (const seq of new Set([...this.running, ...this.startingJobs()])) {
      const job = this.loadJob(seq)
      if (job?.progress.state === 'STARTING' || job?.progress.state === 'RUNNING') yield { job, attempts: 1 }
    }
    for (const seq of [...this.busyArrays]) {
      const job = this.loadJob(seq)
      const over = !job || isTerminal(job.progress.state)
      const summary = over ? undefined : this.mirror(job).children.summary()
      const attempts = summary ? summary.STARTING + summary.RUNNING : 0
      if (job && attempts > 0) yield { job, attempts }
      else this.busyArrays.delete(seq)
    }
  }

  /** After a start anew: which of the placements found are of running single jobs. */
  rememberRunning(held: { attemptId: string }[]): void {
    for (const { attemptId } of held) {
      const key = parseAttemptId(attemptId, this.deployment.salt)
      if (key?.index !== undefined) this.busyArrays.add(key.seq)
      if (!key || key.index !== undefined) continue
      const job = this.jobs.loadJob(key.seq)
      if (job?.progress.state === 'RUNNING') this.running.add(key.seq)
    }
  }

  noteState(job: Job): void {
    if (job.progress.state === 'RUNNABLE' || job.progress.state === 'STARTING')
      this.barren.noteRunnable(job.seq)
    if (!job.array && job.progress.state === 'RUNNING') this.running.add(job.seq)
    else this.running.delete(job.seq)
    if (job.array && isTerminal(job.progress.state)) this.busyArrays.delete(job.seq)
  }

  private overlay(key: Omit<AttemptKey, 'attempt'>, progress: Progress): Progress {
    if (!this.startingBySeq.has(key.seq)) return progress
    const attemptId = formatAttemptId({ ...key, attempt: attemptNumber(progress) }, this.deployment.salt)
    const held = this.starting.get(attemptId)
    return held ? placed(progress, held.where) : progress
  }

  private releaseFollower(children: ArrayChildren): void {
    const { nToN, foreignNToN = [], size } = children.shape
    // Of an array whose history is deleted, the children that failed have failed ours, which are touched by that.
    const own = nToN.flatMap((seq) => {
      const other = this.loadJob(seq)
      return other ? [this.mirror(other).children] : []
    })
    const succeeded = [
      ...own.map((other) => [...other.endedIn('SUCCEEDED')]),
      ...foreignNToN.map((array) => this.counterparts.ranges(array)),
    ]
    children.releaseAll(succeeded.reduce<Range[]>(intersection, [[0, size - 1]]))
  }

  private *startingChildren(seq: number): Generator<number> {
    for (const attemptId of this.startingBySeq.get(seq) ?? []) {
      const index = this.starting.get(attemptId)?.key.index
      if (index !== undefined) yield index
    }
  }

  private untouchedChild(job: Job, index: number): Progress {
    const rest = job.array?.rest
    if (rest) return { state: 'FAILED', attempts: [], ...rest }
    if (isTerminal(job.progress.state)) return { state: job.progress.state, attempts: [] }
    const state = this.mirror(job).children.state(index)
    return { state: state === 'STARTING' ? 'RUNNABLE' : state, attempts: [] }
  }
}
