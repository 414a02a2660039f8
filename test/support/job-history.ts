import { isDeepStrictEqual } from 'node:util'
import { assert } from '../../src/core/assert.ts'
import { decideReport } from '../../src/core/decisions/report-attempt.ts'
import { beginJob } from '../../src/core/decisions/settle-job.ts'
import { decideStop } from '../../src/core/decisions/stop-job.ts'
import type { KnownDependency } from '../../src/core/decisions/submit-dependencies.ts'
import { arrayOutline, decideSubmit } from '../../src/core/decisions/submit-job.ts'
import { attemptNumber, transitions } from '../../src/core/lifecycle/job-lifecycle.ts'
import type { HostReport } from '../../src/core/model/attempt.ts'
import type { AttemptKey } from '../../src/core/model/ids.ts'
import { emptySummary, isTerminal, type JobDependency } from '../../src/core/model/job.ts'
import type { Job } from '../../src/core/model/job-record.ts'
import type { Progress } from '../../src/core/model/progress.ts'
import { aDefinition, aQueueConfig, somewhere } from './builders.ts'
import { MemoryLedger } from './memory-ledger.ts'

/** `nth`: which of those there are to choose from, counted round. */
export type HistoryStep =
  | {
      kind: 'submit'
      size: number
      /** Absent: what the definition says. */
      attempts?: number | undefined
      dependsOn: 'nothing' | 'job' | 'child' | 'SEQUENTIAL' | 'N_TO_N'
      /** What a dependency on a job or a child waits for. */
      after?: 'AFTER_ANY' | 'AFTER_FAILURE' | undefined
      /** Children in flight at most. */
      maxConcurrency?: number | undefined
      nth: number
    }
  /** `preempt`: the environment wants the room of an attempt; `heed`: its host hears of it. */
  | { kind: 'place' | 'start' | 'vanish' | 'lose' | 'preempt' | 'heed'; nth: number }
  | { kind: 'exit'; nth: number; exitCode: number }
  | { kind: 'deliver'; nth: number; again: boolean }
  | { kind: 'stop'; how: 'cancel' | 'terminate'; nth: number; child: boolean }
  /** An ended job's history is deleted. */
  | { kind: 'expire'; nth: number }
  | { kind: 'restart' }
  /** The definition gets a new revision, or its newest one is deregistered. */
  | { kind: 'register'; attempts: number }
  | { kind: 'deregister' }

/** An attempt as its host, and the environment that placed it, know it. */
type Held = {
  key: AttemptKey
  state: 'starting' | 'running' | 'ended' | 'lost'
  startedAt?: number
  preempted?: string
}

const instanceId = somewhere.instanceId

/** One queue with one host, driven step by step. `check` throws at the first promise that is broken. */
export class JobHistory {
  private readonly ledger = new MemoryLedger()
  private readonly held = new Map<string, Held>()
  private readonly mail: { key: AttemptKey; report: HostReport }[] = []
  /** Attempts that a host was given; one that it never heard of may be given again. */
  private readonly given = new Set<string>()
  private readonly seen = new Map<string, Progress>()
  /** How often each job may be tried, by the revision that was there when it was submitted. */
  private readonly attempts = new Map<number, number>()
  private jobs = 0

  constructor() {
    this.register(1)
  }

  take(step: HistoryStep): void {
    this.ledger.now++
    switch (step.kind) {
      case 'submit':
        return this.submit(step)
      case 'place':
        return this.on(this.startable(), step.nth, (key) => this.place(key))
      case 'start':
        return this.on(this.inState('starting'), step.nth, (held) => this.start(held))
      case 'exit':
        return this.on(this.inState('running'), step.nth, (held) => this.exit(held, step.exitCode))
      case 'deliver':
        return this.on(this.mail, step.nth, (letter) => this.deliver(letter, step.again))
      case 'vanish':
        return this.on(this.inState('starting'), step.nth, (held) => this.vanish(held))
      case 'lose':
        return this.on(this.inState('starting', 'running'), step.nth, (held) => this.lose(held))
      case 'preempt':
        return this.on(this.inState('starting', 'running'), step.nth, (held) => {
          held.preempted = 'Preempted: for a test'
        })
      case 'heed':
        return this.on(this.toMakeRoom(), step.nth, (held) => this.stopHeld(held))
      case 'stop':
        return this.stop(step)
      case 'expire':
        return this.on(this.endedJobs(), step.nth, (seq) => this.ledger.forget(seq))
      case 'restart':
        return this.restart()
      case 'register':
        return this.register(step.attempts)
      case 'deregister':
        return this.deregister()
    }
  }

  check(): void {
    for (let seq = 1; seq <= this.jobs; seq++) {
      const job = this.ledger.job(seq)
      if (!job) {
        assert(this.hasEnded(seq), `job ${seq} is gone and had not ended`)
        continue
      }
      this.checkProgress(seq, `${seq}`, job.progress)
      if (job.array) this.checkArray(seq, job.array.size)
      else assert(this.standsRightly(job), `job ${seq} stands in the order wrongly`)
    }
  }

  /** No more is submitted, stopped or lost: everything must end. */
  runToTheEnd(): void {
    for (let rounds = 0; ; rounds++) {
      assert(rounds < 1_000, 'the jobs do not come to an end')
      const before = this.mail.length + this.held.size
      for (const held of this.toMakeRoom()) this.stopHeld(held)
      for (const key of this.startable()) this.place(key)
      for (const held of this.inState('starting')) this.start(held)
      for (const held of this.inState('running')) this.exit(held, 0)
      while (this.mail.length > 0) this.deliver(this.mail[0]!, false)
      this.check()
      if (before === 0 && this.held.size === 0 && this.startable().length === 0) break
    }
    for (let seq = 1; seq <= this.jobs; seq++) assert(this.hasEnded(seq), `job ${seq} has not ended`)
  }

  private on<Item>(items: Item[], nth: number, act: (item: Item) => void): void {
    const item = items[nth % Math.max(1, items.length)]
    if (item !== undefined) act(item)
  }

  private submit(step: HistoryStep & { kind: 'submit' }): void {
    const seq = this.jobs + 1
    const dependsOn = this.dependency(step)
    const request = {
      jobName: 'job',
      ...(step.attempts === undefined ? {} : { retryStrategy: { attempts: step.attempts } }),
      ...(step.size > 1 ? { arrayProperties: arrayPropertiesOf(step) } : {}),
      ...(dependsOn ? { dependsOn: [dependsOn] } : {}),
    }
    const revision = this.ledger.definitions.size
    const definition = this.ledger.definitions.get(revision)!
    const context = {
      queue: aQueueConfig(),
      definition,
      definitionName: 'definition',
      dependencies: dependsOn?.jobId === undefined ? [] : [this.known(dependsOn.jobId)],
      seq,
      definitionNumber: revision,
      now: this.ledger.now,
    }
    this.ledger.decide((ledger) => {
      const draft = decideSubmit(request, context)
      if (!draft.ok) return
      assert(definition.status === 'ACTIVE', `job ${seq} has a definition that was deregistered`)
      this.attempts.set(seq, step.attempts ?? definition.body.retryStrategy!.attempts!)
      this.jobs = seq
      this.ledger.insert(draft.value.job, draft.value.edges)
      beginJob(ledger, draft.value.job, draft.value.failure)
    })
  }

  private register(attempts: number): void {
    const revision = this.ledger.definitions.size + 1
    const definition = aDefinition({ retryStrategy: { attempts } })
    this.ledger.definitions.set(revision, { ...definition, revision })
  }

  private deregister(): void {
    const revision = this.ledger.definitions.size
    const definition = this.ledger.definitions.get(revision)!
    this.ledger.definitions.set(revision, { ...definition, status: 'INACTIVE' })
  }

  /** Job ids are `seq` or `seq:index` here. A dependency that cannot be had is refused, and the step does nothing. */
  private dependency({ dependsOn, nth, after }: HistoryStep & { kind: 'submit' }): JobDependency | undefined {
    if (dependsOn === 'nothing') return undefined
    if (dependsOn === 'SEQUENTIAL') return { type: 'SEQUENTIAL' }
    const seq = 1 + (nth % Math.max(1, this.jobs))
    if (dependsOn === 'N_TO_N') return { jobId: `${seq}`, type: 'N_TO_N' }
    return {
      jobId: dependsOn === 'child' ? `${seq}:${nth % 3}` : `${seq}`,
      ...(after ? { type: after } : {}),
    }
  }

  private known(text: string): KnownDependency {
    const [seq, index] = text.split(':').map(Number)
    const job = this.ledger.job(seq!)
    const size = job?.array?.size
    if (!job || (index !== undefined && index >= (size ?? 0)))
      return { text, target: undefined, state: 'unknown' }
    const target = { queue: 1, shard: 0, seq: seq!, ...(index === undefined ? {} : { index }) }
    const { state } = index === undefined ? job.progress : this.ledger.child(seq!, index)
    return {
      text,
      target,
      state: state === 'SUCCEEDED' ? 'succeeded' : state === 'FAILED' ? 'failed' : 'unfinished',
      ...(size !== undefined && index === undefined ? { array: arrayOutline(size, undefined) } : {}),
    }
  }

  private startable(): AttemptKey[] {
    const keys: AttemptKey[] = []
    for (let seq = 1; seq <= this.jobs; seq++) {
      const job = this.ledger.job(seq)
      if (!job?.ready) continue
      if (!job.array && job.progress.state === 'RUNNABLE')
        keys.push({ queue: 1, seq, attempt: attemptNumber(job.progress) })
      if (job.array)
        for (const index of this.ledger.children(seq).startable())
          keys.push({ queue: 1, seq, index, attempt: attemptNumber(this.ledger.child(seq, index)) })
    }
    return keys
  }

  private place(key: AttemptKey): void {
    const name = nameOf(key)
    if (this.target(key)?.state !== 'RUNNABLE') return
    this.ledger.place(key.seq, key.index)
    // Asked again for an attempt that it holds, the environment answers where it is.
    if (this.held.has(name)) return
    assert(!this.given.has(name), `attempt ${name} was given to a host twice`)
    this.given.add(name)
    this.held.set(name, { key, state: 'starting' })
  }

  private start(held: Held): void {
    held.state = 'running'
    held.startedAt = this.ledger.now
    this.post(held, { kind: 'started', startedAt: held.startedAt })
  }

  private exit(held: Held, exitCode: number, cause: 'exited' | 'stopped' = 'exited'): void {
    held.state = 'ended'
    const started = held.startedAt === undefined ? {} : { startedAt: held.startedAt }
    this.post(held, { kind: 'ended', cause, ...started, stoppedAt: this.ledger.now, exitCode })
  }

  /** The start never reached the host, which is found when it says hello. Told twice, one right behind the other. */
  private vanish({ key }: Held): void {
    this.given.delete(nameOf(key))
    const report = { attemptId: '', instanceId, kind: 'absent', at: this.ledger.now } as const
    for (let i = 0; i < 2; i++) this.report(key, report)
  }

  private lose(held: Held): void {
    held.state = 'lost'
    this.post(held, { kind: 'host-lost', at: this.ledger.now })
  }

  private post({ key, preempted }: Held, report: Omitted<HostReport, 'attemptId' | 'instanceId'>): void {
    const why = preempted === undefined || report.kind === 'started' ? {} : { preempted }
    this.mail.push({ key, report: { ...report, ...why, attemptId: '', instanceId } as HostReport })
  }

  private toMakeRoom(): Held[] {
    return this.inState('starting', 'running').filter(({ preempted }) => preempted !== undefined)
  }

  private deliver(letter: { key: AttemptKey; report: HostReport }, again: boolean): void {
    if (!again) this.mail.splice(this.mail.indexOf(letter), 1)
    this.report(letter.key, letter.report)
  }

  private report(key: AttemptKey, report: HostReport): void {
    const verdict = this.ledger.decide((ledger) => decideReport(ledger, key, 1, report))
    this.ledger.release(key)
    const held = this.held.get(nameOf(key))
    if (verdict.kind === 'settled') this.held.delete(nameOf(key))
    if (verdict.kind === 'stop' && held) this.stopHeld(held)
    this.obey()
  }

  private stop({ how, nth, child }: HistoryStep & { kind: 'stop' }): void {
    if (this.jobs === 0) return
    const seq = 1 + (nth % this.jobs)
    const target = { queue: 1, shard: 0, seq, ...(child ? { index: nth % 5 } : {}) }
    const before = this.target(target)
    this.ledger.decide((ledger) => decideStop(ledger, target, { kind: how, reason: how }))
    this.checkStop(before, this.target(target), how)
    this.obey()
  }

  /** Stops reach the host; it may answer that the attempt had ended. */
  private obey(): void {
    for (const effect of this.ledger.effects.splice(0)) {
      const held = effect.kind === 'stop' ? this.held.get(nameOf(effect.attempt)) : undefined
      if (held) this.stopHeld(held)
    }
  }

  private stopHeld(held: Held): void {
    if (held.state === 'starting' || held.state === 'running') this.exit(held, 143, 'stopped')
  }

  /** The queue starts anew and asks the environment what it holds. */
  private restart(): void {
    this.ledger.restart()
    for (const { key, state, startedAt } of [...this.held.values()]) {
      const progress = this.target(key)
      if (!progress) continue
      if (state !== 'ended' && progress.state === 'RUNNABLE' && attemptNumber(progress) === key.attempt)
        this.ledger.place(key.seq, key.index)
      if (state === 'running' && startedAt !== undefined)
        this.report(key, { attemptId: '', instanceId, kind: 'started', startedAt })
    }
  }

  private inState(...states: Held['state'][]): Held[] {
    return [...this.held.values()].filter(({ state }) => states.includes(state))
  }

  /** How far a single job or an array's child has come; undefined for an array itself, and what there is not (any more). */
  private target({ seq, index }: { seq: number; index?: number }): Progress | undefined {
    const job = this.ledger.job(seq)
    if (!job || (job.array === undefined) !== (index === undefined)) return undefined
    if (index === undefined) return job.progress
    return index < job.array!.size ? this.ledger.child(seq, index) : undefined
  }

  private endedJobs(): number[] {
    const seqs = Array.from({ length: this.jobs }, (_, i) => i + 1)
    return seqs.filter((seq) => this.ledger.job(seq) && this.hasEnded(seq))
  }

  private hasEnded(seq: number): boolean {
    const progress = this.ledger.job(seq)?.progress ?? this.seen.get(`${seq}`)
    return progress !== undefined && isTerminal(progress.state)
  }

  /** What a stop does in each state (aws-batch user guide), at once. */
  private checkStop(before: Progress | undefined, after: Progress | undefined, how: string): void {
    if (!before || !after) return
    const runs = before.state === 'STARTING' || before.state === 'RUNNING'
    if (isTerminal(before.state) || (runs && (how === 'cancel' || before.stop)))
      assert(isDeepStrictEqual(before, after), `a ${how} changed what is ${before.state}`)
    else if (runs)
      assert(after.state === before.state && after.stop?.kind === how, 'a terminate was not accepted')
    else
      assert(
        after.state === 'FAILED' &&
          after.statusReason === how &&
          after.attempts.length === before.attempts.length,
        `a ${how} left a waiting job ${after.state}`,
      )
  }

  /** A STARTING job may be one whose placement is known to memory only. */
  private standsRightly({ progress, ready, front }: Job): boolean {
    if (progress.state === 'RUNNABLE' && progress.attempts.length > 0 && !front) return false
    return progress.state === 'STARTING' || ready === (progress.state === 'RUNNABLE')
  }

  private checkArray(seq: number, size: number): void {
    const parent = this.ledger.job(seq)!
    const children = this.ledger.children(seq)
    const scanned = emptySummary()
    for (let index = 0; index < size; index++) {
      const progress = this.ledger.child(seq, index)
      this.checkProgress(seq, `${seq}:${index}`, progress)
      scanned[progress.state]++
    }
    assert(
      isDeepStrictEqual(children.summary(), scanned),
      `the summary of array ${seq} is not what its children are`,
    )
    const most = parent.array?.maxConcurrency ?? size
    assert(scanned.STARTING + scanned.RUNNING <= most, `array ${seq} has too many children in flight`)
    const over = scanned.SUCCEEDED + scanned.FAILED === size
    assert(isTerminal(parent.progress.state) === over, `array ${seq} and its children end apart`)
    if (over)
      assert((parent.progress.state === 'FAILED') === scanned.FAILED > 0, `array ${seq} ended wrongly`)
    assert(
      parent.ready || [...children.startable()].length === 0,
      `array ${seq} has left the order too early`,
    )
  }

  /** States only move along the transitions, attempts are only added, and an end is an end. */
  private checkProgress(seq: number, name: string, progress: Progress): void {
    const before = this.seen.get(name)
    this.seen.set(name, structuredClone(progress))
    const counted = progress.attempts.filter(({ preempted }) => !preempted)
    assert(counted.length <= this.attempts.get(seq)!, `${name} had too many attempts`)
    if (!before) return
    if (isTerminal(before.state)) {
      assert(isDeepStrictEqual(before, progress), `${name} changed after its end`)
      return
    }
    const kept = progress.attempts.slice(0, before.attempts.length)
    assert(isDeepStrictEqual(kept, before.attempts), `${name} lost an attempt`)
    const last = progress.attempts.at(-1)
    if (last?.preempted && progress.attempts.length > before.attempts.length)
      assert(progress.state === 'RUNNABLE', `${name} is ${progress.state} after it made room`)
    if (before.stop) {
      assert(isDeepStrictEqual(before.stop, progress.stop), `${name} lost its stop`)
      const most = before.attempts.length + (before.current ? 1 : 0)
      assert(progress.attempts.length <= most, `${name} ran on although it was to stop`)
    }
    const moved = before.state === progress.state || transitions[before.state].includes(progress.state)
    // After a restart a placement is not known until the environment has told.
    const forgotten = before.state === 'RUNNING' && progress.state === 'STARTING'
    assert(moved && !forgotten, `${name} went from ${before.state} to ${progress.state}`)
  }
}

type Omitted<Union, Keys extends PropertyKey> = Union extends unknown ? Omit<Union, Keys> : never

function arrayPropertiesOf({ size, maxConcurrency }: HistoryStep & { kind: 'submit' }) {
  return { size, ...(maxConcurrency === undefined ? {} : { maxConcurrency }) }
}

function nameOf({ seq, index, attempt }: AttemptKey): string {
  return `${seq}:${index ?? ''}#${attempt}`
}
