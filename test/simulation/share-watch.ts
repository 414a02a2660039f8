import { assert } from '../../src/core/assert.ts'
import { parseAttemptId } from '../../src/core/model/ids.ts'
import type { JobRequest } from '../../src/core/model/job.ts'
import type { NameValue } from '../../src/core/model/job-definition.ts'
import type { QueueConfig } from '../../src/core/model/queue.ts'
import type { Queue } from '../../src/objects/queue/queue.ts'
import { type RunRecord, simSalt } from './sim-host.ts'
import type { World } from './world.ts'

const shares = ['red/1', 'red/2', 'blue', 'green']
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

/** Watches that a queue of shares keeps its limits, whatever fails, and that in the end nothing is counted as held. */
export class ShareWatch {
  private readonly world: World
  private readonly record: RunRecord
  private readonly begun = new Map<string, string>()

  constructor(world: World, record: RunRecord) {
    this.world = world
    this.record = record
  }

  /** What a job asks for: its share, which its containers are told. */
  request(): Pick<JobRequest, 'shareIdentifier'> & { told: { name: string; value: string }[] } {
    const shareIdentifier = shares[this.world.between(0, shares.length - 1)]!
    return { shareIdentifier, told: [{ name: 'SHARE', value: shareIdentifier }] }
  }

  /** An attempt begins; of a multi-node parallel job its main node stands for all. */
  begins(attemptId: string, environment: readonly NameValue[]): void {
    if ((parseAttemptId(attemptId, simSalt)!.node ?? 0) > 0) return
    for (const other of this.begun.keys()) if (!this.record.isLive(other)) this.begun.delete(other)
    this.begun.set(attemptId, environment.find(({ name }) => name === 'SHARE')?.value ?? '')
    const red = [...this.begun.values()].filter((share) => share.startsWith('red/')).length
    assert(
      this.begun.size <= mostRunning.queue,
      `${this.begun.size} attempts run of a queue that may have fewer`,
    )
    assert(red <= mostRunning.red, `${red} attempts run of a share that may have fewer`)
  }

  async isSettled(queue: Queue): Promise<boolean> {
    const snapshot = await queue.snapshot('q')
    return snapshot.ok && snapshot.value.vcpus === 0
  }
}
