import { fits, type Resources, subtractResources } from '../model/resources.ts'
import { chooseHost, type Room } from './choose-host.ts'

/**
 * A host's room for each of the attempts that must start together, in their order, or undefined when not all of them
 * have one: one to a host while there are hosts, then several. Where spreading them out leaves one without room they are
 * packed instead; the largest choose first in both cases.
 */
export function chooseHostsForGang<Host>(wanted: Resources[], rooms: Room<Host>[]): Room<Host>[] | undefined {
  const order = [...wanted.keys()].sort((a, b) => size(wanted[b]!) - size(wanted[a]!) || a - b)
  return assign(wanted, order, rooms, chooseSpread) ?? assign(wanted, order, rooms, chooseHost)
}

type Filling<Host> = Room<Room<Host>> & { taken: number }

function assign<Host>(
  wanted: Resources[],
  order: number[],
  rooms: Room<Host>[],
  choose: (wanted: Resources, rooms: Filling<Host>[]) => Room<Room<Host>> | undefined,
): Room<Host>[] | undefined {
  const fillings = rooms.map((room): Filling<Host> => ({ ...room, host: room, taken: 0 }))
  const chosen: Room<Host>[] = new Array(wanted.length)
  for (const at of order) {
    const filling = choose(wanted[at]!, fillings) as Filling<Host> | undefined
    if (!filling) return undefined
    filling.free = subtractResources(filling.free, wanted[at]!)
    filling.taken++
    chosen[at] = filling.host
  }
  return chosen
}

/** The best fit among the hosts that hold the fewest of the gang. */
function chooseSpread<Host>(wanted: Resources, fillings: Filling<Host>[]): Room<Room<Host>> | undefined {
  const fitting = fillings.filter(({ free }) => fits(wanted, free))
  const fewest = Math.min(...fitting.map(({ taken }) => taken))
  return chooseHost(
    wanted,
    fitting.filter(({ taken }) => taken === fewest),
  )
}

/** Orders attempts by what they take, GPUs before all. */
function size({ cpuMilli, memoryMiB, gpuMilli }: Resources): number {
  return gpuMilli * 1000 + cpuMilli / 1000 + memoryMiB / 4096
}
