import { DurableObject } from 'cloudflare:workers'
import { type Env, environmentStub, queueStub } from '../../bindings.ts'
import type { EnvironmentBody } from '../../core/model/environment.ts'
import type { JobDefinitionBody, JobDefinitionRef } from '../../core/model/job-definition.ts'
import { systemClock } from '../../runtime/clock.ts'
import { DurableAlarm } from '../../runtime/durable-alarm.ts'
import { durableScheduler } from '../../runtime/durable-scheduler.ts'
import { DurableSql } from '../../runtime/durable-sql.ts'
import { systemRandom } from '../../runtime/random.ts'
import { Registry } from './registry.ts'
import type { CreateQueue, PageQuery, RegistryRpc } from './registry-rpc.ts'

/** The Durable Object around the Registry. */
export class RegistryObject extends DurableObject<Env> implements RegistryRpc {
  private readonly registry: Registry

  constructor(state: DurableObjectState, env: Env) {
    super(state, env)
    const timer = new DurableAlarm(state.storage)
    this.registry = new Registry({
      sql: new DurableSql(state.storage),
      clock: systemClock,
      scheduler: durableScheduler(state),
      alarm: timer,
      random: systemRandom,
      queue: (number) => queueStub(env, number),
      environment: (number) => environmentStub(env, number),
    })
    void state.blockConcurrencyWhile(async () => this.registry.resume(await timer.armed()))
  }

  createEnvironment(name: string, body: EnvironmentBody) {
    return this.registry.createEnvironment(name, body)
  }

  describeEnvironments(names: string[], page: PageQuery) {
    return this.registry.describeEnvironments(names, page)
  }

  createQueue(create: CreateQueue) {
    return this.registry.createQueue(create)
  }

  describeQueues(names: string[], page: PageQuery) {
    return this.registry.describeQueues(names, page)
  }

  registerDefinition(name: string, body: JobDefinitionBody) {
    return this.registry.registerDefinition(name, body)
  }

  describeDefinitions(query: Parameters<RegistryRpc['describeDefinitions']>[0]) {
    return this.registry.describeDefinitions(query)
  }

  resolveDefinitions(refs: JobDefinitionRef[]) {
    return this.registry.resolveDefinitions(refs)
  }

  queueNumber(name: string) {
    return this.registry.queueNumber(name)
  }

  queueConfig(number: number) {
    return this.registry.queueConfig(number)
  }

  environmentNumber(name: string) {
    return this.registry.environmentNumber(name)
  }

  environmentSetup(number: number) {
    return this.registry.environmentSetup(number)
  }

  override alarm(): void {
    this.registry.alarm()
  }
}
