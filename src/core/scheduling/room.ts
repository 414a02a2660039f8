import { type Resources, wholeCard } from '../model/resources.ts'
import type { PoolHost } from './demand.ts'

/** What is free of a host, or would be: `cards` of each GPU, in thousandths. Below zero where more is taken than there is. */
export type Room = { cpuMilli: number; memoryMiB: number; diskMiB: number; cards: number[] }

/** Resources of a host in use, or that will be. `cards`: indexes of the GPUs. `endsBy`: until when at the latest, epoch ms. */
export type Taken = {
  readonly resources: Resources
  readonly cards: readonly number[]
  readonly endsBy: number
}

export function emptyRoom({ capacity, cards }: PoolHost): Room {
  const { cpuMilli, memoryMiB, diskMiB } = capacity
  return { cpuMilli, memoryMiB, diskMiB, cards: new Array<number>(cards).fill(wholeCard) }
}

export function takeRoom(room: Room, { resources, cards }: Omit<Taken, 'endsBy'>): void {
  change(room, resources, cards, -1)
}

export function giveRoom(room: Room, { resources, cards }: Omit<Taken, 'endsBy'>): void {
  change(room, resources, cards, 1)
}

/**
 * The cards that `wanted` would get, or undefined where there is not room enough: whole ones, or the fullest that holds the
 * part of one.
 */
export function cardsIn(wanted: Resources, room: Room): number[] | undefined {
  const { cpuMilli, memoryMiB, gpuMilli, diskMiB } = wanted
  if (cpuMilli > room.cpuMilli || memoryMiB > room.memoryMiB || diskMiB > room.diskMiB) return undefined
  if (gpuMilli === 0) return []
  const least = Math.min(wholeCard, gpuMilli)
  const holding = [...room.cards.keys()].filter((card) => room.cards[card]! >= least)
  const cards =
    gpuMilli < wholeCard ? holding.sort((a, b) => room.cards[a]! - room.cards[b]! || a - b) : holding
  const count = Math.ceil(gpuMilli / wholeCard)
  return cards.length < count ? undefined : cards.slice(0, count)
}

/** Whether all of `wanted` have room at once. */
export function fitTogether(wanted: readonly Resources[], room: Room): boolean {
  if (wanted.length === 1) return cardsIn(wanted[0]!, room) !== undefined
  const left = { ...room, cards: [...room.cards] }
  return largestFirst(wanted).every((index) => {
    const resources = wanted[index]!
    const cards = cardsIn(resources, left)
    if (cards) takeRoom(left, { resources, cards })
    return cards !== undefined
  })
}

/** Indexes of `wanted` by what they take, GPUs before all. */
export function largestFirst(wanted: readonly Resources[]): number[] {
  const size = ({ cpuMilli, memoryMiB, gpuMilli }: Resources) =>
    gpuMilli * 1000 + cpuMilli / 1000 + memoryMiB / 4096
  return [...wanted.keys()].sort((a, b) => size(wanted[b]!) - size(wanted[a]!) || a - b)
}

function change(room: Room, resources: Resources, cards: readonly number[], sign: 1 | -1): void {
  room.cpuMilli += sign * resources.cpuMilli
  room.memoryMiB += sign * resources.memoryMiB
  room.diskMiB += sign * resources.diskMiB
  const each = Math.min(wholeCard, resources.gpuMilli)
  for (const card of cards) room.cards[card] = (room.cards[card] ?? 0) + sign * each
}
