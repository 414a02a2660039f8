import { assert } from '../../src/core/assert.ts'
import { parseAttemptId, parseJobId } from '../../src/core/model/ids.ts'
import { simSalt } from './sim-host.ts'
import { definition, urgent } from './sim-work.ts'
import type { World } from './world.ts'

const lastsMs = 20_000
const smallOnes = 500
/** When, after the rush has begun, a job comes that needs a host to be emptied. */
const urgentAtMs = [3_000, 6_000, 9_000]
/** What runs ends within 5 s, and one of the others may be before it. The rush lasts longer. */
const longestWaitMs = 12_000

/**
 * More small jobs than there is room for, one behind the other so that every hole could be filled with the next, and among
 * them jobs at the head of the queue that need a host to be emptied: each must have its turn long before the rush is over.
 */
export class Rush {
  private readonly world: World
  private readonly submit: (definition: string) => Promise<string>
  private readonly waiting = new Map<number, number>()
  /** Submits that have not been answered yet. */
  unanswered = 0

  constructor(world: World, submit: (definition: string) => Promise<string>) {
    this.world = world
    this.submit = submit
  }

  begin(): void {
    for (let i = 0; i < smallOnes; i++) this.come(this.world.between(0, lastsMs), definition.name)
    for (const at of urgentAtMs) this.come(at, urgent.name)
  }

  /** An attempt of an urgent job runs. */
  runs(attemptId: string): void {
    const { seq } = parseAttemptId(attemptId, simSalt)!
    const since = this.waiting.get(seq)
    if (since === undefined) return
    this.waiting.delete(seq)
    const waited = this.world.now() - since
    assert(waited <= longestWaitMs, `the head of the queue waited ${waited} ms while others passed it by`)
  }

  private come(afterMs: number, name: string): void {
    this.unanswered++
    this.world.at(afterMs, () => {
      const since = this.world.now()
      this.submit(name)
        .then((jobId) => {
          if (name === urgent.name) this.waiting.set(parseJobId(jobId, simSalt)!.seq, since)
        })
        .catch((error) => this.world.fail(error))
        .finally(() => {
          this.unanswered--
        })
    })
  }
}
