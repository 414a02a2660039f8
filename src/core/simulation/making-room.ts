import { VictimChoice } from '../scheduling/choose-victims.ts'
import type { Ask } from '../scheduling/grant-choice.ts'
import type { Preemptible } from '../scheduling/preemptible.ts'
import { giveRoom } from '../scheduling/room.ts'
import { RoomMaker } from '../scheduling/room-maker.ts'
import type { HostRoom } from '../scheduling/together.ts'
import type { SimulatedEnvironment } from './simulated-environment.ts'
import { attemptId, type TraceJob } from './trace-job.ts'

/** What is told to stop does so within its containers' grace, which is this long where nobody says (Amazon ECS, `stopTimeout`). */
const graceMs = 30_000

/** What shares of a queue may take from each other in one pass. `asks`: the attempts that may have room from others. */
export type SharesTaking = {
  excess: ReadonlyMap<string, number>
  asks: ReadonlySet<string>
  costOf: (job: TraceJob) => number
}

/** `lower`: it may take from queues of lower priority. */
export type RoomAsker = {
  queue: number
  priority: number
  lower: boolean
  shares: SharesTaking | undefined
}

/** Who makes room in an environment for the asks of one pass that find none, chosen as the live environment does. */
export class MakingRoom {
  private readonly environment: SimulatedEnvironment
  private readonly asker: RoomAsker
  private readonly now: number
  private readonly jobs = new Map<string, TraceJob>()
  private readonly maker = new RoomMaker((reserved) => this.prepare(reserved))

  constructor(environment: SimulatedEnvironment, asker: RoomAsker, now: number) {
    this.environment = environment
    this.asker = asker
    this.now = now
  }

  /** An ask has found no room; whether others make it. `reserved`: hosts on which room is kept for others. */
  makeRoom(ask: Ask, reserved: ReadonlySet<string>): boolean {
    const { lower, priority, shares } = this.asker
    const reclaims = shares?.asks.has(ask.attempts[0]!.id) ?? false
    const chosen = this.maker.makeRoom(ask, reserved, { above: lower ? priority : undefined, reclaims })
    for (const { id } of chosen ?? []) this.environment.preempt(this.jobs.get(id)!, this.now + graceMs)
    return chosen !== undefined
  }

  private prepare(reserved: ReadonlySet<string>): VictimChoice {
    const { queue, lower, priority: own, shares } = this.asker
    const { occupancy, running } = this.environment
    const rooms = new Map<string, HostRoom>()
    for (const { host } of occupancy.open())
      if (!reserved.has(host.id)) rooms.set(host.id, { host, room: occupancy.pool.room(host.id) })
    const numbers = new Map([...(shares?.excess.keys() ?? [])].map((share, id) => [share, id]))
    const preemptible: Preemptible[] = []
    for (const [job, { queue: of, priority, grants, since, leaving }] of running) {
      const parts = grants.map((grant, i) => ({ ...grant, resources: job.demands[i]!.resources }))
      if (leaving)
        for (const part of parts) {
          const on = rooms.get(part.host)
          if (on) giveRoom(on.room, part)
        }
      const shareId = of === queue ? numbers.get(job.share) : undefined
      const isLower = lower && of !== undefined && priority < own
      const mayGo = isLower || shareId !== undefined
      if (leaving || !mayGo || !parts.every(({ host }) => rooms.has(host))) continue
      const id = attemptId(job, 0)
      this.jobs.set(id, job)
      const share = shareId === undefined ? {} : { share: { id: shareId, cost: shares!.costOf(job) } }
      preemptible.push({ id, priority, since, parts, ...share })
    }
    const excess = new Map([...(shares?.excess ?? [])].map(([share, over]) => [numbers.get(share)!, over]))
    return new VictimChoice([...rooms.values()], preemptible, excess)
  }
}
