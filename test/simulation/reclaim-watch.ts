import { assert } from '../../src/core/assert.ts'
import { formatJobId, type JobTarget, parseAttemptId, parseJobId } from '../../src/core/model/ids.ts'
import type { JobView } from '../../src/core/model/job.ts'
import type { FairsharePolicy } from '../../src/core/model/scheduling-policy.ts'
import { shareEntitlements } from '../../src/core/scheduling/share-entitlements.ts'
import type { EnvironmentRpc, PlaceRequest } from '../../src/objects/environment/environment-rpc.ts'
import type { Queue } from '../../src/objects/queue/queue.ts'
import { simSalt } from './sim-host.ts'
import type { World } from './world.ts'

/** What a share of the queue holds for longer and is entitled to, vCPUs. */
type Standing = { holds: number; entitled: number }

/**
 * Watches what a queue's shares reclaim from each other: from what the queue itself tells to clients at the moment of each
 * request, whoever has to make room leaves its share with what it is entitled to.
 */
export class ReclaimWatch {
  private readonly world: World
  private readonly policy: FairsharePolicy
  private readonly queue: () => Queue
  /** Attempts that have been told to make room. */
  private readonly making = new Set<string>()

  constructor(world: World, policy: FairsharePolicy, queue: () => Queue) {
    this.world = world
    this.policy = policy
    this.queue = queue
  }

  /** An environment as the queue speaks to it. */
  watch(environment: EnvironmentRpc): EnvironmentRpc {
    const watched: Pick<EnvironmentRpc, 'place' | 'openSession'> = {
      openSession: async (queue) => {
        const opened = await environment.openSession(queue)
        for (const { attemptId, makesRoom } of opened.held) if (makesRoom) this.making.add(attemptId)
        return opened
      },
      place: async (request) => {
        const before = request.excess && this.standings(request)
        const reply = await environment.place(request)
        if (reply.ok && reply.preempted)
          // The queue would take a failure for one of the network.
          await this.check(await before, reply.preempted).catch((error) => this.world.fail(error))
        return reply
      },
    }
    return new Proxy(environment, {
      get: (target, method) => Reflect.get(method in watched ? watched : target, method),
    })
  }

  private async check(before: Map<string, Standing> | undefined, victims: string[]): Promise<void> {
    assert(before, `${victims} make room for nobody`)
    // A node makes room with its main one, which stands for the job.
    for (const attemptId of victims.filter((one) => !parseAttemptId(one, simSalt)!.node)) {
      assert(!this.making.has(attemptId), `${attemptId} was told to make room twice`)
      this.making.add(attemptId)
      const view = await this.viewOf(attemptId)
      const standing = before.get(view.shareIdentifier!)!
      standing.holds -= view.vcpus
      assert(
        standing.holds >= standing.entitled - 1e-9,
        `share ${view.shareIdentifier} is left with ${standing.holds} of ${standing.entitled} vCPUs`,
      )
    }
  }

  private async standings(request: PlaceRequest): Promise<Map<string, Standing>> {
    const queue = this.queue()
    const snapshot = await queue.snapshot('q')
    assert(snapshot.ok && snapshot.value.shares, 'the queue has no shares')
    const { front, shares, vcpus } = snapshot.value
    const holds = new Map(shares.top.map((one) => [one.share, one.vcpus]))
    for (const attemptId of this.making) {
      const view = await this.viewOf(attemptId)
      const share = view.shareIdentifier!
      if (view.latestAttempt?.attemptId !== attemptId || !['STARTING', 'RUNNING'].includes(view.state))
        this.making.delete(attemptId)
      else holds.set(share, holds.get(share)! - view.vcpus)
    }
    const waiting = [...front.map(({ jobId }) => parseJobId(jobId, simSalt)!), ...request.asks.map(targetOf)]
    const views = await queue.describeJobs(waiting)
    const waits = new Set(views.map((view) => view!.shareIdentifier!))
    const standings = [...new Set([...holds.keys(), ...waits])].map((share) => ({
      share,
      holds: holds.get(share) ?? 0,
      waits: waits.has(share),
    }))
    const entitled = shareEntitlements(this.policy, standings, vcpus)
    return new Map(
      standings.map((one) => [one.share, { holds: one.holds, entitled: entitled.get(one.share)! }]),
    )
  }

  /** Of the job, or the child, that an attempt is of. */
  private async viewOf(attemptId: string): Promise<JobView> {
    const [view] = await this.queue().describeJobs([targetOf({ attemptId })])
    assert(view, `there is no job of attempt ${attemptId}`)
    return view
  }
}

/** Nodes stand for their job. */
function targetOf({ attemptId }: { attemptId: string }): JobTarget {
  const { node: _, attempt: __, ...key } = parseAttemptId(attemptId, simSalt)!
  return parseJobId(formatJobId({ shard: 0, ...key }, simSalt), simSalt)!
}
