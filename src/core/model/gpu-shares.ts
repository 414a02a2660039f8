import { wholeCard } from './resources.ts'

/** What a task takes of its host's GPUs: thousandths of a card together, and which of its cards each container sees. */
export type GpuShares = { gpuMilli: number; cards: number[][] }

/**
 * How the containers of a task share its GPUs, given what each asks for, in thousandths: whole cards are a container's own;
 * parts share cards, first fit. A task that is content with a part of one card takes that part, any other whole cards.
 */
export function gpuShares(asked: readonly number[]): GpuShares {
  const free: number[] = []
  const cards = asked.map((gpuMilli) => {
    if (gpuMilli === 0) return []
    if (gpuMilli < wholeCard) {
      const fitting = free.findIndex((left) => left >= gpuMilli)
      const card = fitting >= 0 ? fitting : free.push(wholeCard) - 1
      free[card]! -= gpuMilli
      return [card]
    }
    return Array.from({ length: Math.ceil(gpuMilli / wholeCard) }, () => free.push(0) - 1)
  })
  const gpuMilli = free.length === 1 ? wholeCard - free[0]! : free.length * wholeCard
  return { gpuMilli, cards }
}
