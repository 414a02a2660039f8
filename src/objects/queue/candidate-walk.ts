import type { Job } from '../../core/model/job-record.ts'
import { type TaskSpec, taskSpec } from '../../core/model/task-spec.ts'
import { unmetNeed } from '../../core/model/unmet-needs.ts'
import { backfillWindowOf } from '../../core/scheduling/backfill-window.ts'
import { runBoundMs } from '../../core/scheduling/run-bound.ts'
import type { ConsumableWaiters } from './consumable-waiters.ts'
import { gangAsk } from './gang-requests.ts'
import { nextAttempt } from './next-attempt.ts'
import type { Candidate } from './place-request.ts'
import type { QueueState } from './queue-state.ts'
import { compareOrder } from './ready-store.ts'
import { ShareTurns } from './share-turns.ts'
import type { Tick } from './tick.ts'

/** What ticks leave aside. */
export type Aside = {
  /** Jobs set aside, with the reason. */
  parked: Map<number, string>
  /** Jobs that are about to be stopped. */
  heldBack: ReadonlySet<number>
  waiters: ConsumableWaiters
}

/** Finds the attempts that a round asks to place: in the queue's order, one share's turn after the other's. */
export class CandidateWalk {
  private readonly state: QueueState
  private readonly aside: Aside

  constructor(state: QueueState, aside: Aside) {
    this.state = state
    this.aside = aside
  }

  /** Up to `most` candidates; `specs` takes up what they run. `now`: epoch ms. */
  gather(tick: Tick, specs: TaskSpec[], most: number, now: number): Candidate[] {
    const turns = new ShareTurns(this.state, tick, (share) => this.ofShare(share, tick, specs), now)
    const found = this.revisited(tick, specs, most, turns)
    while (found.length < most) {
      const candidate = turns.next()
      if (!candidate) break
      found.push(candidate)
    }
    return tick.blocked ? this.shortestFirst(found, specs) : found
  }

  /** Of jobs that waited for a consumable resource: the walk has left them behind. */
  private revisited(tick: Tick, specs: TaskSpec[], most: number, turns: ShareTurns): Candidate[] {
    const found: Candidate[] = []
    const { waiters, heldBack } = this.aside
    for (const seq of waiters.toRevisit) {
      if (found.length >= most) break
      const job = this.state.loadJob(seq)
      if (job && (heldBack.has(seq) || tick.refused(this.state.shapes.shapeOf(job)))) continue
      let left = false
      if (job?.ready)
        for (const candidate of this.ofJob(job, specs)) {
          left = true
          if (!turns.take(candidate) || found.push(candidate) >= most) break
        }
      if (left) continue
      waiters.revisited(seq)
      // It was dropped from the order when it was set aside; of an array more may come to start.
      if (job?.ready) this.state.order.reconsider(job)
    }
    return found.sort((a, b) => compareOrder(a.job, b.job))
  }

  private *ofShare(share: number, tick: Tick, specs: TaskSpec[]): Generator<Candidate> {
    const { order, jobs, shapes } = this.state
    let passed = backfillWindowOf(order.shareCount)
    for (const key of order.of(share)) {
      if (tick.lookedFarEnough() || passed === 0) return
      if (this.aside.heldBack.has(key.seq) || this.aside.waiters.isRevisited(key.seq)) continue
      const shape = shapes.known(key.seq)
      if (shape !== undefined && tick.refused(shape)) {
        passed--
        continue
      }
      if (this.aside.parked.has(key.seq)) {
        order.setAside(key)
        continue
      }
      const job = jobs.loadJob(key.seq)
      // It has ended without having been placed.
      if (!job?.ready) order.drop(key)
      else if (tick.refused(shapes.shapeOf(job))) passed--
      else {
        jobs.keepJob(job)
        for (const candidate of this.ofJob(job, specs)) {
          yield candidate
          if (tick.refused(candidate.shape)) break
        }
      }
    }
  }

  private *ofJob(job: Job, specs: TaskSpec[]): Generator<Candidate> {
    const { shapes } = this.state
    const definition = this.state.jobs.definition(job.definition)
    const need = unmetNeed(definition.body)
    if (need !== undefined) {
      this.aside.parked.set(job.seq, need)
      this.state.order.setAside(job)
      return
    }
    const shape = shapes.shapeOf(job)
    let spec: number | undefined
    const candidate = (index?: number): Candidate | undefined => {
      const { key, attemptId } = nextAttempt(this.state, job, index)
      if (this.state.isStarting(attemptId)) return undefined
      if (job.nodes) {
        const gang = gangAsk(this.state, job)
        return { job, attemptId, key, shape, spec: specs.push(gang.spec) - 1, nodes: gang.nodes }
      }
      spec ??= specs.push(taskSpec(definition, job.request)) - 1
      return { job, attemptId, key, shape, spec }
    }
    if (!job.array) {
      const only = candidate()
      if (only) yield only
      else this.state.order.drop(job)
      return
    }
    for (const index of this.state.mirror(job).children.startable()) {
      const child = candidate(index)
      if (child) yield child
    }
  }

  /**
   * What is let through before a job that found no room does not delay it, so that the order among those is free: the
   * shortest first, by what ran before and by time-outs (SJBF). A fair-share queue keeps its shares' turns.
   */
  private shortestFirst(found: Candidate[], specs: TaskSpec[]): Candidate[] {
    const { allocations, estimates } = this.state
    if (allocations.fair) return found
    return estimates.shortestFirst(found, ({ shape: kind, spec }) => ({
      kind,
      boundMs: runBoundMs(specs[spec]!),
    }))
  }
}
