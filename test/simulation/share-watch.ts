import { assert } from '../../src/core/assert.ts'
import { parseAttemptId } from '../../src/core/model/ids.ts'
import type { JobRequest } from '../../src/core/model/job.ts'
import type { NameValue } from '../../src/core/model/job-definition.ts'
import type { QueueConfig } from '../../src/core/model/queue.ts'
import type { Queue } from '../../src/objects/queue/queue.ts'
import { type RunRecord, simSalt } from './sim-host.ts'
import type { World } from './world.ts'

const shares = ['red/1', 'red/2', 'blue', 'green']
const busyMs = 7_000
const mostRunning = { queue: 14, red: 4 }

/** What makes a queue one of shares, with limits, and a part of the capacity kept for shares that are not active. */
export const sharing: Partial<QueueConfig> = {
  schedulingPolicyArn: 'arn:aws:batch:us-east-1:000000000000:scheduling-policy/sharing',
  fairsharePolicy: {
    shareDecaySeconds: 60,
    computeReservation: 20,
    shareDistribution: [
      { shareIdentifier: 'red', weightFactor: 0.5, limits: { runningJobs: mostRunning.red } },
      { shareIdentifier: 'red/*', weightFactor: 2 },
    ],
  },
  schedulingSettings: { limits: { runningJobs: mostRunning.queue } },
}

/** The same without limits: its shares reclaim from each other what they are entitled to. */
export const reclaiming: Partial<QueueConfig> & Required<Pick<QueueConfig, 'fairsharePolicy'>> = {
  schedulingPolicyArn: 'arn:aws:batch:us-east-1:000000000000:scheduling-policy/reclaiming',
  fairsharePolicy: {
    shareDecaySeconds: 60,
    shareDistribution: [
      { shareIdentifier: 'red', weightFactor: 0.5 },
      { shareIdentifier: 'red/1', weightFactor: 3 },
    ],
  },
  schedulingSettings: { preemption: ['SHARES'] },
}

/** Watches that a queue of shares keeps its limits, if it has any, whatever fails, and that in the end nothing is counted as held. */
export class ShareWatch {
  private readonly world: World
  private readonly record: RunRecord
  private readonly isLimited: boolean
  private readonly begun = new Map<string, string>()

  constructor(world: World, record: RunRecord, isLimited: boolean) {
    this.world = world
    this.record = record
    this.isLimited = isLimited
  }

  /** What a job asks for: its share, which its containers are told. */
  request(): Pick<JobRequest, 'shareIdentifier'> & { told: { name: string; value: string }[] } {
    const shareIdentifier = this.isLimited || this.world.chance(0.3) ? this.anyShare() : this.busiestShare()
    return { shareIdentifier, told: [{ name: 'SHARE', value: shareIdentifier }] }
  }

  /** An attempt begins; of a multi-node parallel job its main node stands for all. */
  begins(attemptId: string, environment: readonly NameValue[]): void {
    if (!this.isLimited || (parseAttemptId(attemptId, simSalt)!.node ?? 0) > 0) return
    for (const other of this.begun.keys()) if (!this.record.isLive(other)) this.begun.delete(other)
    this.begun.set(attemptId, environment.find(({ name }) => name === 'SHARE')?.value ?? '')
    const red = [...this.begun.values()].filter((share) => share.startsWith('red/')).length
    assert(
      this.begun.size <= mostRunning.queue,
      `${this.begun.size} attempts run of a queue that may have fewer`,
    )
    assert(red <= mostRunning.red, `${red} attempts run of a share that may have fewer`)
  }

  private anyShare(): string {
    return shares[this.world.between(0, shares.length - 1)]!
  }

  /** Each for a while, so that one finds all taken by another. */
  private busiestShare(): string {
    return shares[Math.floor(this.world.now() / busyMs) % shares.length]!
  }

  async isSettled(queue: Queue): Promise<boolean> {
    const snapshot = await queue.snapshot('q')
    return snapshot.ok && snapshot.value.vcpus === 0
  }
}
