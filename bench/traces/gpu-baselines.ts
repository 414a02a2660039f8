import { type GpuNode, type GpuTask, gpuMilliOf } from './openb.ts'

/** Places one task after the other; false: it fits nowhere. */
export type Packer = { place(task: GpuTask): boolean }

type NodeState = { index: number; node: GpuNode; cpuMilli: number; memoryMiB: number; cards: number[] }
/** How good a node is for a task, less is better, and the card it would share. */
type Score = { score: number; card: number }
type Scorer = (task: GpuTask, state: NodeState) => Score

const fullest = (task: GpuTask, { cards }: NodeState): number => {
  let best = -1
  for (const [card, free] of cards.entries())
    if (free >= task.share && (best < 0 || free < cards[best]!)) best = card
  return best
}

function fits(task: GpuTask, { node, cpuMilli, memoryMiB, cards }: NodeState): boolean {
  if (task.cpuMilli > cpuMilli || task.memoryMiB > memoryMiB) return false
  if (task.models && !task.models.includes(node.model)) return false
  if (task.share > 0) return cards.some((free) => free >= task.share)
  return cards.filter((free) => free === 1_000).length >= task.wholeCards
}

/** Any node that fits, and any card. */
export function randomPacker(nodes: GpuNode[], random: () => number): Packer {
  const states = nodes.map(emptyState)
  return {
    place(task) {
      const fitting = states.filter((state) => fits(task, state))
      if (fitting.length === 0) return false
      const state = fitting[Math.floor(random() * fitting.length)]!
      const cards = [...state.cards.keys()].filter((card) => state.cards[card]! >= task.share)
      take(task, state, cards[Math.floor(random() * cards.length)]!)
      return true
    },
  }
}

/** The node with least of 128 vCPUs and 8 GPUs left after it. */
export function bestFitPacker(nodes: GpuNode[]): Packer {
  return scoringPacker(nodes, (task, state) => ({ score: left(task, state), card: fullest(task, state) }))
}

function left(task: GpuTask, { cpuMilli, cards }: NodeState): number {
  const gpuMilli = cards.reduce((sum, free) => sum + free, 0)
  return (cpuMilli - task.cpuMilli) / 128_000 + (gpuMilli - gpuMilliOf(task)) / 8_000
}

type Typical = { task: GpuTask; weight: number }

/** The commonest shapes of tasks (CPU, cards, models) that make up 95 % of them, as "Beware of Fragmentation" takes them from the whole trace. */
export function typicalTasks(tasks: GpuTask[]): Typical[] {
  const counts = new Map<string, { task: GpuTask; count: number }>()
  for (const task of tasks) {
    const key = shapeKey({ ...task, memoryMiB: 0 })
    const entry = counts.get(key)
    if (entry) entry.count++
    else counts.set(key, { task, count: 1 })
  }
  const typical: Typical[] = []
  let covered = 0
  for (const { task, count } of [...counts.values()].sort((a, b) => b.count - a.count)) {
    if (covered >= 0.95 * tasks.length) break
    covered += count
    typical.push({ task, weight: count })
  }
  return typical.map(({ task, weight }) => ({ task, weight: weight / covered }))
}

/** Fragmentation gradient descent: where idle GPU that the typical tasks cannot use grows least. */
export function fgdPacker(nodes: GpuNode[], typical: Typical[]): Packer {
  const before = new Map<NodeState, { version: string; value: number }>()
  const present = (state: NodeState) => {
    const version = `${state.cpuMilli} ${state.cards}`
    const known = before.get(state)
    if (known?.version === version) return known.value
    const value = fragmentation(typical, state)
    before.set(state, { version, value })
    return value
  }
  return scoringPacker(nodes, (task, state) => {
    let best: Score = { score: Number.POSITIVE_INFINITY, card: -1 }
    for (const card of task.share > 0 ? state.cards.keys() : [-1]) {
      if (card >= 0 && (state.cards[card]! < task.share || state.cards.indexOf(state.cards[card]!) < card))
        continue
      const after = { ...state, cards: [...state.cards] }
      take(task, after, card)
      const growth = fragmentation(typical, after) - present(state)
      const score = -Math.floor(100 / (1 + Math.exp(growth / 1_000))) + left(task, state) / 1_000
      if (score < best.score) best = { score, card }
    }
    return best
  })
}

/** Idle GPU of a node that typical tasks cannot use, in thousandths of a card. */
function fragmentation(typical: Typical[], state: NodeState): number {
  let idle = 0
  for (const free of state.cards) idle += free
  let sum = 0
  for (const { task, weight } of typical) {
    const least = task.share > 0 ? task.share : task.wholeCards > 0 ? 1_000 : 0
    const usable = least > 0 && fitsCpuAndCards(task, state, least)
    let lost = 0
    if (usable) for (const free of state.cards) if (free < least) lost += free
    sum += weight * (usable ? lost : idle)
  }
  return sum
}

function fitsCpuAndCards(task: GpuTask, state: NodeState, least: number): boolean {
  if (task.cpuMilli > state.cpuMilli) return false
  if (task.models && !task.models.includes(state.node.model)) return false
  let fitting = 0
  for (const free of state.cards) if (free >= least) fitting++
  return fitting >= Math.max(1, task.wholeCards)
}

/** Places on the first node with the least score; scores are kept until their node changes. */
function scoringPacker(nodes: GpuNode[], scorer: Scorer): Packer {
  const states = nodes.map(emptyState)
  const versions = new Int32Array(nodes.length)
  const kept = new Map<string, { scores: (Score | undefined)[]; versions: Int32Array }>()
  return {
    place(task) {
      const key = shapeKey(task)
      let known = kept.get(key)
      if (!known) {
        known = { scores: [], versions: new Int32Array(nodes.length).fill(-1) }
        kept.set(key, known)
      }
      let best: NodeState | undefined
      let least = Number.POSITIVE_INFINITY
      for (const state of states) {
        const { index } = state
        if (known.versions[index] !== versions[index]) {
          known.scores[index] = fits(task, state) ? scorer(task, state) : undefined
          known.versions[index] = versions[index]!
        }
        const score = known.scores[index]?.score ?? Number.POSITIVE_INFINITY
        if (score < least) {
          least = score
          best = state
        }
      }
      if (!best) return false
      take(task, best, known.scores[best.index]!.card)
      versions[best.index]!++
      return true
    },
  }
}

function emptyState(node: GpuNode, index: number): NodeState {
  const { cpuMilli, memoryMiB } = node
  return { index, node, cpuMilli, memoryMiB, cards: new Array(node.cards).fill(1_000) }
}

function take(task: GpuTask, state: NodeState, card: number): void {
  state.cpuMilli -= task.cpuMilli
  state.memoryMiB -= task.memoryMiB
  if (task.share > 0) state.cards[card]! -= task.share
  let whole = task.wholeCards
  for (let at = 0; whole > 0; at++) {
    if (state.cards[at] !== 1_000) continue
    state.cards[at] = 0
    whole--
  }
}

function shapeKey({ cpuMilli, memoryMiB, wholeCards, share, models = [] }: GpuTask): string {
  return `${cpuMilli} ${memoryMiB} ${wholeCards} ${share} ${models.join('|')}`
}
