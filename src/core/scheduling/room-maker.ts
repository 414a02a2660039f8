import type { Asker, VictimChoice } from './choose-victims.ts'
import { shapeOf } from './demand.ts'
import type { Ask } from './grant-choice.ts'
import type { Preemptible } from './preemptible.ts'

/**
 * Who makes room for the asks of one pass that find none. Nobody is looked for before the first of them, and of single attempts
 * of one shape no more than once in vain.
 */
export class RoomMaker {
  private readonly prepare: (reserved: ReadonlySet<string>) => VictimChoice
  private readonly hopeless = new Set<string>()
  private choice: VictimChoice | undefined

  /** `prepare`: from whom, and on which hosts, but for those that are `reserved` for others. */
  constructor(prepare: (reserved: ReadonlySet<string>) => VictimChoice) {
    this.prepare = prepare
  }

  /** Undefined: all whom the asker may take from are not enough, or it may take from nobody. */
  makeRoom({ attempts }: Ask, reserved: ReadonlySet<string>, asker: Asker): Preemptible[] | undefined {
    const { above, reclaims = false } = asker
    const demands = attempts.map(({ demand }) => demand)
    const key = `${reclaims} ${demands.length > 1 ? attempts[0]!.id : shapeOf(demands[0]!).key}`
    if (!(above !== undefined || reclaims) || this.hopeless.has(key)) return undefined
    this.choice ??= this.prepare(reserved)
    const chosen = this.choice.makeRoom(demands, asker)
    if (!chosen) this.hopeless.add(key)
    return chosen
  }
}
