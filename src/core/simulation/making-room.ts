import { VictimChoice } from '../scheduling/choose-victims.ts'
import { shapeOf } from '../scheduling/demand.ts'
import type { Ask } from '../scheduling/grant-choice.ts'
import type { Preemptible } from '../scheduling/preemptible.ts'
import { giveRoom } from '../scheduling/room.ts'
import type { HostRoom } from '../scheduling/together.ts'
import type { ShareReclaims } from './share-reclaims.ts'
import type { SimulatedEnvironment } from './simulated-environment.ts'
import { attemptId, type TraceJob } from './trace-job.ts'

/** What is told to stop does so within its containers' grace, which is this long where nobody says (Amazon ECS, `stopTimeout`). */
const graceMs = 30_000

/** `lower`: it may take from queues of lower priority. `reclaims`: what shares of its own may take from each other. */
export type RoomAsker = {
  queue: number
  priority: number
  lower: boolean
  reclaims: ShareReclaims | undefined
}

/** Who makes room in an environment for the asks of one pass that find none, chosen as the live environment does. */
export class MakingRoom {
  private readonly environment: SimulatedEnvironment
  private readonly asker: RoomAsker
  private readonly now: number
  private readonly jobs = new Map<string, TraceJob>()
  private readonly hopeless = new Set<string>()
  private choice: VictimChoice | undefined

  constructor(environment: SimulatedEnvironment, asker: RoomAsker, now: number) {
    this.environment = environment
    this.asker = asker
    this.now = now
  }

  /** Has others make room for a job's ask; false where that comes to nothing. `reserved`: hosts with room kept for others. */
  makeRoom(job: TraceJob, { attempts }: Ask, reserved: ReadonlySet<string>): boolean {
    const { lower, priority } = this.asker
    const reclaims = this.asker.reclaims?.may(job) ?? false
    const demands = attempts.map(({ demand }) => demand)
    const key = `${reclaims} ${demands.length > 1 ? attempts[0]!.id : shapeOf(demands[0]!).key}`
    if (!(lower || reclaims) || this.hopeless.has(key)) return false
    this.choice ??= this.prepare(reserved)
    const chosen = this.choice.makeRoom(demands, { above: lower ? priority : undefined, reclaims })
    if (!chosen) this.hopeless.add(key)
    for (const { id } of chosen ?? []) this.environment.preempt(this.jobs.get(id)!, this.now + graceMs)
    return chosen !== undefined
  }

  private prepare(reserved: ReadonlySet<string>): VictimChoice {
    const { queue, lower, priority: own, reclaims } = this.asker
    const { occupancy, running } = this.environment
    const rooms = new Map<string, HostRoom>()
    for (const { host } of occupancy.open())
      if (!reserved.has(host.id)) rooms.set(host.id, { host, room: occupancy.pool.room(host.id) })
    const preemptible: Preemptible[] = []
    for (const [job, { queue: of, priority, grants, since, leaving }] of running) {
      const parts = grants.map(({ host, cards }, i) => ({
        host,
        cards,
        resources: job.demands[i]!.resources,
      }))
      if (leaving)
        for (const part of parts) {
          const on = rooms.get(part.host)
          if (on) giveRoom(on.room, part)
        }
      const share = of === queue ? reclaims?.excessOf(job) : undefined
      const isLower = lower && of !== undefined && priority < own
      if (leaving || !(isLower || share) || !parts.every(({ host }) => rooms.has(host))) continue
      const id = attemptId(job, 0)
      this.jobs.set(id, job)
      preemptible.push({ id, priority, since, parts, ...(share ? { share } : {}) })
    }
    return new VictimChoice([...rooms.values()], preemptible, reclaims?.excess)
  }
}
