import type { PlaceRequest } from '../environment/environment-rpc.ts'

/** Which environments may keep room for an attempt of the queue, the first that found none there; memory only. */
export class KeptRoom {
  private readonly kept = new Map<number, { attemptId: string; elsewhere: boolean }>()

  get isNone(): boolean {
    return this.kept.size === 0
  }

  /** An environment's answer to the first request of a tick, or to one that goes on. */
  note(environment: number, blocked: readonly { attemptId: string }[], goesOn: boolean): void {
    const [first] = blocked
    if (first && !(goesOn && this.kept.has(environment)))
      this.kept.set(environment, { attemptId: first.attemptId, elsewhere: false })
  }

  /** An attempt has been placed: what others keep for it is of no use any more. */
  placed(attemptId: string, environment: number): void {
    for (const [other, kept] of this.kept)
      if (other !== environment && kept.attemptId === attemptId) kept.elsewhere = true
  }

  /**
   * At the end of a tick: what environments are to be told so that they keep nothing in vain. `asked`: those that were asked
   * in it; the others keep room for what waits no more.
   */
  giveUp(asked: ReadonlySet<number>): [environment: number, Pick<PlaceRequest, 'continues' | 'elsewhere'>][] {
    const told: [number, Pick<PlaceRequest, 'continues' | 'elsewhere'>][] = []
    for (const [environment, { attemptId, elsewhere }] of this.kept) {
      if (!asked.has(environment)) told.push([environment, {}])
      else if (elsewhere) told.push([environment, { continues: true, elsewhere: [attemptId] }])
    }
    return told
  }

  /** An environment has been told. */
  gaveUp(environment: number): void {
    this.kept.delete(environment)
  }
}
