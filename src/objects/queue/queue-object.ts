import { DurableObject } from 'cloudflare:workers'
import {
  consumablesStub,
  deploymentOf,
  type Env,
  environmentStub,
  objectNumber,
  queueStub,
  registryStub,
} from '../../bindings.ts'
import type { HostReport } from '../../core/model/attempt.ts'
import { historyMs } from '../../core/model/history.ts'
import type { JobTarget } from '../../core/model/ids.ts'
import type { StopRequest } from '../../core/model/progress.ts'
import type { QueueConfig } from '../../core/model/queue.ts'
import type { TagChange } from '../../core/model/tags.ts'
import { systemClock } from '../../runtime/clock.ts'
import { DurableAlarm } from '../../runtime/durable-alarm.ts'
import { durableScheduler } from '../../runtime/durable-scheduler.ts'
import { DurableSql } from '../../runtime/durable-sql.ts'
import type { FreedConsumable } from '../consumables/consumables-rpc.ts'
import { Queue } from './queue.ts'
import type {
  AskPresent,
  ListBlockedEvents,
  ListConsumers,
  ListJobs,
  QueueMessage,
  QueueRpc,
  RerunJob,
  SearchJobs,
  SubmitJob,
  SubmitJobs,
} from './queue-rpc.ts'

/** The Durable Object around a Queue: storage, alarm and the stubs of its peers. */
export class QueueObject extends DurableObject<Env> implements QueueRpc {
  private readonly queue: Queue
  private readonly sql: DurableSql
  private readonly timer: DurableAlarm

  constructor(state: DurableObjectState, env: Env) {
    super(state, env)
    this.sql = new DurableSql(state.storage)
    this.timer = new DurableAlarm(state.storage)
    this.queue = new Queue({
      sql: this.sql,
      clock: systemClock,
      scheduler: durableScheduler(state),
      alarm: this.timer,
      deployment: deploymentOf(env),
      historyMs: historyMs(env.HISTORY_DAYS),
      number: objectNumber(state),
      registry: registryStub(env),
      consumables: consumablesStub(env),
      environment: (number) => environmentStub(env, number),
      queue: (number) => queueStub(env, number),
    })
    void state.blockConcurrencyWhile(async () => this.queue.resume(await this.timer.armed()))
  }

  configure(config: QueueConfig) {
    return this.queue.configure(config)
  }

  submitJob(submit: SubmitJob) {
    return this.queue.submitJob(submit)
  }

  submitJobs(submit: SubmitJobs) {
    return this.queue.submitJobs(submit)
  }

  rerunJob(rerun: RerunJob) {
    return this.queue.rerunJob(rerun)
  }

  describeJobs(jobs: JobTarget[]) {
    return this.queue.describeJobs(jobs)
  }

  listJobs(query: ListJobs) {
    return this.queue.listJobs(query)
  }

  snapshot(queue: string) {
    return this.queue.snapshot(queue)
  }

  explainJob(job: JobTarget) {
    return this.queue.explainJob(job)
  }

  present(ask: AskPresent) {
    return this.queue.present(ask)
  }

  blockedEvents(query: ListBlockedEvents) {
    return this.queue.blockedEvents(query)
  }

  searchJobs(query: SearchJobs) {
    return this.queue.searchJobs(query)
  }

  cancelJob(job: JobTarget, reason: string) {
    return this.queue.cancelJob(job, reason)
  }

  terminateJob(job: JobTarget, reason: string) {
    return this.queue.terminateJob(job, reason)
  }

  jobTags(job: JobTarget) {
    return this.queue.jobTags(job)
  }

  changeJobTags(job: JobTarget, change: TagChange) {
    return this.queue.changeJobTags(job, change)
  }

  stopJobs(jobs: JobTarget[], stop: StopRequest) {
    return this.queue.stopJobs(jobs, stop)
  }

  dependencyStates(jobs: JobTarget[]) {
    return this.queue.dependencyStates(jobs)
  }

  deliver(messages: QueueMessage[]) {
    return this.queue.deliver(messages)
  }

  report(environment: number, reports: HostReport[]) {
    return this.queue.report(environment, reports)
  }

  listConsumers(query: ListConsumers) {
    return this.queue.listConsumers(query)
  }

  consumablesFreed(resources: FreedConsumable[]) {
    return this.queue.consumablesFreed(resources)
  }

  wake(environment: number, hostsChanged: boolean) {
    return this.queue.wake(environment, hostsChanged)
  }

  /** Rows written since the object started, as billed. */
  rowsWritten(): number {
    return this.sql.rowsWritten() + this.timer.rowsWritten()
  }

  override alarm(): void {
    this.queue.alarm()
  }
}
