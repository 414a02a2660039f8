import { DurableObject } from 'cloudflare:workers'
import { type Env, environmentStub, queueStub } from '../../bindings.ts'
import { systemClock } from '../../runtime/clock.ts'
import { DurableAlarm } from '../../runtime/durable-alarm.ts'
import { durableScheduler } from '../../runtime/durable-scheduler.ts'
import { DurableSql } from '../../runtime/durable-sql.ts'
import { systemRandom } from '../../runtime/random.ts'
import { Registry } from './registry.ts'
import type { RegistryRpc } from './registry-rpc.ts'

type Rpc = { [Name in keyof RegistryRpc]: Parameters<RegistryRpc[Name]> }

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

  createEnvironment(...[name, body]: Rpc['createEnvironment']) {
    return this.registry.environments.create(name, body)
  }

  updateEnvironment(...[name, change]: Rpc['updateEnvironment']) {
    return this.registry.environments.update(name, change)
  }

  deleteEnvironment(name: string) {
    return this.registry.environments.delete(name)
  }

  async describeEnvironments(...[names, page]: Rpc['describeEnvironments']) {
    return this.registry.environments.describe(names, page)
  }

  createQueue(...[create]: Rpc['createQueue']) {
    return this.registry.queues.create(create)
  }

  updateQueue(...[name, change]: Rpc['updateQueue']) {
    return this.registry.queues.update(name, change)
  }

  deleteQueue(name: string) {
    return this.registry.queues.delete(name)
  }

  async describeQueues(...[names, page]: Rpc['describeQueues']) {
    return this.registry.queues.describe(names, page)
  }

  createPolicy(...[name, body, tags]: Rpc['createPolicy']) {
    return this.registry.policies.create(name, body, tags)
  }

  updatePolicy(...[name, change]: Rpc['updatePolicy']) {
    return this.registry.policies.update(name, change)
  }

  deletePolicy(name: string) {
    return this.registry.policies.delete(name)
  }

  async describePolicies(...[names, page]: Rpc['describePolicies']) {
    return this.registry.policies.describe(names, page)
  }

  registerDefinition(...[name, body]: Rpc['registerDefinition']) {
    return this.registry.definitions.register(name, body)
  }

  deregisterDefinition(...[ref]: Rpc['deregisterDefinition']) {
    return this.registry.definitions.deregister(ref)
  }

  async describeDefinitions(...[query]: Rpc['describeDefinitions']) {
    return this.registry.definitions.describe(query)
  }

  async resolveDefinitions(...[refs]: Rpc['resolveDefinitions']) {
    return this.registry.definitions.resolve(refs)
  }

  async tagsOf(...[resource]: Rpc['tagsOf']) {
    return this.registry.tags.of(resource)
  }

  changeTags(...[resource, change]: Rpc['changeTags']) {
    return this.registry.tags.change(resource, change)
  }

  async queueNumber(name: string) {
    return this.registry.queues.numberOf(name)
  }

  async queueConfig(number: number) {
    return this.registry.queues.config(number)
  }

  async environmentNumber(name: string) {
    return this.registry.environments.numberForAgent(name)
  }

  async environmentSetup(number: number) {
    return this.registry.environments.setup(number)
  }

  override alarm(): void {
    this.registry.alarm()
  }
}
