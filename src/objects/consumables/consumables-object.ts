import { DurableObject } from 'cloudflare:workers'
import { type Env, queueStub } from '../../bindings.ts'
import type { TagChange } from '../../core/model/tags.ts'
import { systemClock } from '../../runtime/clock.ts'
import { DurableAlarm } from '../../runtime/durable-alarm.ts'
import { durableScheduler } from '../../runtime/durable-scheduler.ts'
import { DurableSql } from '../../runtime/durable-sql.ts'
import { systemRandom } from '../../runtime/random.ts'
import { Consumables } from './consumables.ts'
import type {
  AcquireRequest,
  ConsumablesRpc,
  CreateConsumable,
  ListConsumables,
  ReleaseRequest,
  UpdateConsumable,
} from './consumables-rpc.ts'

/** The Durable Object around the consumable resources. */
export class ConsumablesObject extends DurableObject<Env> implements ConsumablesRpc {
  private readonly consumables: Consumables

  constructor(state: DurableObjectState, env: Env) {
    super(state, env)
    const timer = new DurableAlarm(state.storage)
    this.consumables = new Consumables({
      sql: new DurableSql(state.storage),
      clock: systemClock,
      scheduler: durableScheduler(state),
      alarm: timer,
      random: systemRandom,
      queue: (number) => queueStub(env, number),
    })
    void state.blockConcurrencyWhile(async () => this.consumables.resume(await timer.armed()))
  }

  createResource(create: CreateConsumable) {
    return this.consumables.createResource(create)
  }

  updateResource(update: UpdateConsumable) {
    return this.consumables.updateResource(update)
  }

  deleteResource(name: string) {
    return this.consumables.deleteResource(name)
  }

  describeResource(name: string) {
    return this.consumables.describeResource(name)
  }

  listResources(query: ListConsumables) {
    return this.consumables.listResources(query)
  }

  changeTags(name: string, change: TagChange) {
    return this.consumables.changeTags(name, change)
  }

  unknownResources(names: string[]) {
    return this.consumables.unknownResources(names)
  }

  openSession(queue: number) {
    return this.consumables.openSession(queue)
  }

  acquire(request: AcquireRequest) {
    return this.consumables.acquire(request)
  }

  release(request: ReleaseRequest) {
    return this.consumables.release(request)
  }

  override alarm(): void {
    this.consumables.alarm()
  }
}
