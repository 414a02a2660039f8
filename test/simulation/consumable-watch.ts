import { assert } from '../../src/core/assert.ts'
import { type JobTarget, parseJobId } from '../../src/core/model/ids.ts'
import { isTerminal, type JobView } from '../../src/core/model/job.ts'
import type { JobDefinitionBody } from '../../src/core/model/job-definition.ts'
import { Consumables } from '../../src/objects/consumables/consumables.ts'
import type { Queue } from '../../src/objects/queue/queue.ts'
import type { FaultyNetwork } from './faulty-network.ts'
import { type RunRecord, simSalt } from './sim-host.ts'
import { SimObject } from './sim-object.ts'
import type { World } from './world.ts'

/** What jobs of the `licensed` definition need: two of five licences, and a credit that is gone when used. */
export const licensedNeeds: JobDefinitionBody['consumableResourceProperties'] = {
  consumableResourceList: [
    { consumableResource: 'licence', quantity: 2 },
    { consumableResource: 'credit', quantity: 1 },
  ],
}
const licences = 5
const credits = 1_000_000

/** The consumable resources of a simulation, and what it promises of them. */
export class ConsumableWatch {
  readonly object: SimObject<Consumables>
  private readonly world: World
  private readonly record: RunRecord
  private readonly begun = new Set<string>()

  constructor(world: World, record: RunRecord, network: FaultyNetwork, queue: () => SimObject<Queue>) {
    this.world = world
    this.record = record
    this.object = new SimObject(world, ({ life, sql, alarm, armed }) => {
      const consumables = new Consumables({
        sql,
        clock: world,
        scheduler: life.scheduler,
        alarm,
        random: { uuid: () => `consumables-${world.random()}` },
        queue: () => network.stub(life, () => queue().get()),
      })
      consumables.resume(armed)
      return consumables
    })
  }

  async create(): Promise<void> {
    const { rpc } = this.object.get()
    await rpc.createResource({ name: 'licence', type: 'REPLENISHABLE', total: licences, tags: {} })
    await rpc.createResource({ name: 'credit', type: 'NON_REPLENISHABLE', total: credits, tags: {} })
  }

  /** Somebody takes licences away and brings them back. */
  resize(): void {
    const { rpc } = this.object.get()
    const set = (quantity: number) => rpc.updateResource({ name: 'licence', operation: 'SET', quantity })
    void set(this.world.between(0, licences))
    this.world.at(this.world.between(100, 10_000), () => {
      void this.object.get().rpc.updateResource({ name: 'licence', operation: 'SET', quantity: licences })
    })
  }

  /** An attempt that holds licences runs. */
  runs(attemptId: string): void {
    this.begun.add(attemptId)
    const live = [...this.begun].filter((id) => this.record.isLive(id))
    assert(2 * live.length <= licences, `${live.length} attempts run with two of ${licences} licences each`)
  }

  /** Whether nothing is held any more; all of it has been counted once then. */
  async isSettled(queue: Queue): Promise<boolean> {
    const { rpc } = this.object.get()
    const licence = await rpc.describeResource('licence')
    const credit = await rpc.describeResource('credit')
    assert(licence.ok && credit.ok, 'a resource is lost')
    if (licence.value.inUse + credit.value.inUse > 0) return false
    const used = await this.attempts(queue)
    if (used === undefined) return false
    assert(licence.value.total <= licences, 'licences have become more')
    const spent = credits - credit.value.total
    assert(spent === used, `${spent} credits were spent on ${used} attempts`)
    return true
  }

  /** Attempts of all jobs that need licences; undefined while one of those has not ended. */
  private async attempts(queue: Queue): Promise<number | undefined> {
    let attempts = 0
    for (let before: number | undefined, more = true; more; ) {
      const query = { resource: 'licence', states: [], names: [], maxResults: 100 }
      const page = await queue.listConsumers(before === undefined ? query : { ...query, before })
      for (const { view } of page.jobs) {
        if (!isTerminal(view.state)) return undefined
        const views = await queue.describeJobs(childrenOf(view))
        attempts += [view, ...views].reduce((sum, one) => sum + (one?.attempts.length ?? 0), 0)
      }
      before = page.last
      more = before !== undefined
    }
    return attempts
  }
}

function childrenOf(view: JobView): JobTarget[] {
  const key = parseJobId(view.jobId, simSalt)!
  const size = view.array && 'size' in view.array ? view.array.size : 0
  return Array.from({ length: size }, (_, index) => ({ ...key, index }))
}
