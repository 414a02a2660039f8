import { fits, type Resources, subtractResources } from '../model/resources.ts'
import { chooseHost, type Room } from './choose-host.ts'

/**
 * A host for each of the attempts that must start together, in their order, or undefined when not all of them have
 * room: one to a host while there are hosts, then several. Where spreading them out leaves one without room they are
 * packed instead, the largest first in both cases.
 */
export function chooseHostsForGang<Host>(wanted: Resources[], rooms: Room<Host>[]): Host[] | undefined {
  const order = [...wanted.keys()].sort((a, b) => size(wanted[b]!) - size(wanted[a]!) || a - b)
  return assign(wanted, order, rooms, true) ?? assign(wanted, order, rooms, false)
}

type Counted<Host> = Room<Host> & { taken: number }

function assign<Host>(
  wanted: Resources[],
  order: number[],
  rooms: Room<Host>[],
  spread: boolean,
): Host[] | undefined {
  const left = rooms.map((room): Counted<Host> => ({ ...room, taken: 0 }))
  const hosts: Host[] = new Array(wanted.length)
  for (const at of order) {
    const room = spread ? chooseSpread(wanted[at]!, left) : chooseHost(wanted[at]!, left)
    if (!room) return undefined
    const chosen = room as Counted<Host>
    chosen.free = subtractResources(chosen.free, wanted[at]!)
    chosen.taken++
    hosts[at] = chosen.host
  }
  return hosts
}

/** The best fit among the hosts that hold the fewest of the gang. */
function chooseSpread<Host>(wanted: Resources, rooms: Counted<Host>[]): Room<Host> | undefined {
  const fitting = rooms.filter(({ free }) => fits(wanted, free))
  const fewest = Math.min(...fitting.map(({ taken }) => taken))
  return chooseHost(
    wanted,
    fitting.filter(({ taken }) => taken === fewest),
  )
}

/** Orders attempts by what they take, GPUs before all. */
function size({ cpuMilli, memoryMiB, gpus }: Resources): number {
  return gpus * 1_000_000 + cpuMilli / 1000 + memoryMiB / 4096
}
