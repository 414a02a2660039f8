import type { HostOffer } from '../model/environment.ts'
import type { Constraints } from '../model/placement-constraints.ts'
import { type Resources, wholeCard } from '../model/resources.ts'

/**
 * What an attempt demands of one host. `images` are what it runs, at least one, in the form of `familiarImage`: a host that
 * has them is the better of two alike. They are no part of its shape.
 */
export type Demand = { resources: Resources; constraints?: Constraints; images?: readonly string[] }

/** A host as placing sees it. `cards`: its whole GPUs, all of one model. */
export type PoolHost = {
  id: string
  capacity: Resources
  cards: number
  gpuModel?: string
  architecture: HostOffer['architecture']
  labels: Record<string, string>
}

/** Where an attempt goes. `cards`: indexes of several whole ones, or of the one it shares; none where it asks for none. */
export type Grant = { host: string; cards: number[] }

/** What is free on a host: `cards` are thousandths of each card. */
export type Free = { cpuMilli: number; memoryMiB: number; diskMiB: number; cards: readonly number[] }

/**
 * A demand as scores are kept for: how many whole cards, or what share of one. More than a card is whole cards, since
 * work that is spread over cards cannot use a part of one.
 */
export type Shape = {
  key: string
  demand: Demand
  cpuMilli: number
  memoryMiB: number
  diskMiB: number
  wholeCards: number
  /** Thousandths of one card, below 1,000. */
  share: number
}

export function shapeOf(demand: Demand): Shape {
  const { cpuMilli, memoryMiB, gpuMilli, diskMiB } = demand.resources
  const shared = gpuMilli < wholeCard
  return {
    key: shapeKey(demand),
    demand,
    cpuMilli,
    memoryMiB,
    diskMiB,
    wholeCards: shared ? 0 : Math.ceil(gpuMilli / wholeCard),
    share: shared ? gpuMilli : 0,
  }
}

function shapeKey({ resources, constraints }: Demand): string {
  const { cpuMilli, memoryMiB, gpuMilli, diskMiB } = resources
  const amounts = `${cpuMilli} ${memoryMiB} ${gpuMilli} ${diskMiB}`
  return constraints ? `${amounts} ${JSON.stringify(constraints)}` : amounts
}

/** What a task, or a node of a gang, demands of its host. */
export function demandOf({ resources, constraints, images }: Demand): Demand {
  return { resources, ...(constraints ? { constraints } : {}), ...(images ? { images } : {}) }
}

/** Whether a host, however full, is of the kind a demand asks for. */
export function suits(host: PoolHost, { demand: { constraints } }: Shape): boolean {
  if (!constraints) return true
  const { architecture, gpuModels, labels } = constraints
  if (architecture !== undefined && architecture !== host.architecture) return false
  if (gpuModels && !(host.gpuModel !== undefined && gpuModels.includes(host.gpuModel))) return false
  for (const name in labels) if (host.labels[name] !== labels[name]) return false
  return true
}
