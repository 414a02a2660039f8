import { type Resources, wholeCard } from '../model/resources.ts'
import { byLoss, type Part, type Preemptible } from './preemptible.ts'
import type { Room } from './room.ts'

/** What the n of some that have most of it come to, for every n from none on. */
type LargestSums = readonly number[]
type Sums = Record<'cpuMilli' | 'memoryMiB' | 'diskMiB' | 'gpuMilli' | 'since', LargestSums>

/** Who may make room on one host, and what they come to at best: a host that cannot be better than another need not be tried. */
export class HostVictims {
  /** The least loss first. */
  readonly all: readonly Preemptible[]
  private readonly host: string
  readonly lowestPriority: number
  private known: Sums | undefined

  constructor(host: string, all: Preemptible[]) {
    this.host = host
    this.all = all.sort(byLoss)
    this.lowestPriority = all.reduce(
      (lowest, { priority }) => Math.min(lowest, priority),
      Number.POSITIVE_INFINITY,
    )
  }

  /** At least so many have to go before there is room for `wanted`; undefined: all of them are too few. */
  fewest(room: Room, wanted: Resources): number | undefined {
    const { cpuMilli, memoryMiB, diskMiB, gpuMilli } = this.sums
    const cards = wanted.gpuMilli === 0 ? 0 : room.cards.reduce((sum, free) => sum + free, 0)
    const count = Math.max(
      firstOf(cpuMilli, wanted.cpuMilli - room.cpuMilli),
      firstOf(memoryMiB, wanted.memoryMiB - room.memoryMiB),
      firstOf(diskMiB, wanted.diskMiB - room.diskMiB),
      firstOf(gpuMilli, wanted.gpuMilli - cards),
    )
    return count > this.all.length ? undefined : count
  }

  /** When `count` of them were placed, summed: of the youngest. */
  youngest(count: number): number {
    return this.sums.since[count]!
  }

  private get sums(): Sums {
    this.known ??= this.sum()
    return this.known
  }

  private sum(): Sums {
    const given = (amount: (part: Part) => number) =>
      largestSums(
        this.all.map(({ parts }) =>
          parts.reduce((sum, part) => sum + (part.host === this.host ? amount(part) : 0), 0),
        ),
      )
    return {
      cpuMilli: given(({ resources }) => resources.cpuMilli),
      memoryMiB: given(({ resources }) => resources.memoryMiB),
      diskMiB: given(({ resources }) => resources.diskMiB),
      gpuMilli: given(({ resources, cards }) => Math.min(wholeCard, resources.gpuMilli) * cards.length),
      since: largestSums(this.all.map(({ since }) => since)),
    }
  }
}

function largestSums(amounts: number[]): LargestSums {
  amounts.sort((a, b) => b - a)
  const sums = [0]
  for (const amount of amounts) sums.push(sums.at(-1)! + amount)
  return sums
}

/** How many it takes to come to `least`; more than there are where it cannot be. */
function firstOf(sums: LargestSums, least: number): number {
  let count = 0
  while (count < sums.length && sums[count]! < least) count++
  return count
}
