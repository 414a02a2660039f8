import { fits, type Resources } from '../model/resources.ts'

/** A host that may take work now, and what of it is free. */
export type Room<Host> = { host: Host; free: Resources; capacity: Resources }

/**
 * The host for one attempt, or undefined when none has room: best fit, that is the least share of the scarcest
 * dimension left over, so that big holes stay for big jobs; hosts with GPUs last for work that wants none.
 */
export function chooseHost<Host>(wanted: Resources, rooms: Iterable<Room<Host>>): Room<Host> | undefined {
  let best: Room<Host> | undefined
  let bestScore = Number.POSITIVE_INFINITY
  for (const room of rooms) {
    if (!fits(wanted, room.free)) continue
    const score = leftOver(wanted, room) + (wanted.gpuMilli === 0 && room.free.gpuMilli > 0 ? 10 : 0)
    if (score < bestScore) {
      best = room
      bestScore = score
    }
  }
  return best
}

function leftOver(wanted: Resources, { free, capacity }: Room<unknown>): number {
  const cpu = (free.cpuMilli - wanted.cpuMilli) / Math.max(1, capacity.cpuMilli)
  const memory = (free.memoryMiB - wanted.memoryMiB) / Math.max(1, capacity.memoryMiB)
  const gpu = capacity.gpuMilli > 0 ? (free.gpuMilli - wanted.gpuMilli) / capacity.gpuMilli : 0
  return cpu + memory + gpu
}
