import { wholeCard } from '../model/resources.ts'
import { type Shape, suits } from './demand.ts'
import type { Lack } from './lack.ts'
import type { PoolSlot } from './pool-slot.ts'

/**
 * The hosts that lack least for a shape: in the fewest respects, and among those by the sum of what part of the demand is
 * missing in each. A host of another kind comes after one that is only full.
 */
export function nearestHosts(
  shape: Shape,
  slots: PoolSlot[],
  count: number,
): { host: string; lacks: Lack[] }[] {
  return slots
    .map((slot) => {
      const lacks = lacksOf(shape, slot)
      return {
        host: slot.host.id,
        lacks,
        far: lacks.length + lacks.reduce((sum, lack) => sum + part(lack), 0),
      }
    })
    .sort((a, b) => a.far - b.far || (a.host < b.host ? -1 : 1))
    .slice(0, count)
    .map(({ host, lacks }) => ({ host, lacks }))
}

/** In what a host falls short of a demand; empty where it would be chosen. VCPU and GPU in units, MEMORY and DISK in MiB. */
function lacksOf(shape: Shape, slot: PoolSlot): Lack[] {
  const { wholeCards, share } = shape
  const gpu = wholeCards > 0 ? [wholeCards, slot.wholeCards] : [share / wholeCard, slot.freest / wholeCard]
  const amounts: Lack[] = [
    { what: 'VCPU', wanted: shape.cpuMilli / 1000, available: Math.max(0, slot.cpuMilli) / 1000 },
    { what: 'MEMORY', wanted: shape.memoryMiB, available: Math.max(0, slot.memoryMiB) },
    { what: 'GPU', wanted: gpu[0]!, available: gpu[1]! },
    { what: 'DISK', wanted: shape.diskMiB, available: Math.max(0, slot.diskMiB) },
  ]
  const short = amounts.filter(({ wanted, available }) => wanted > available)
  return suits(slot.host, shape) ? short : [...short, ...unsuited(shape, slot)]
}

function unsuited({ demand: { constraints = {} } }: Shape, { host }: PoolSlot): Lack[] {
  const { architecture, gpuModels, labels = {} } = constraints
  const lacks: Lack[] = []
  if (architecture && architecture !== host.architecture)
    lacks.push({ what: 'ARCHITECTURE', wanted: architecture, available: host.architecture })
  if (gpuModels && !gpuModels.includes(host.gpuModel ?? ''))
    lacks.push({ what: 'GPU_MODEL', wanted: gpuModels.join(' or '), available: host.gpuModel ?? 'none' })
  for (const [name, value] of Object.entries(labels))
    if (host.labels[name] !== value)
      lacks.push({ what: 'LABEL', wanted: `${name}=${value}`, available: labelOf(name, host.labels[name]) })
  return lacks
}

function labelOf(name: string, value: string | undefined): string {
  return value === undefined ? `no ${name}` : `${name}=${value}`
}

/** What part of the demand is missing; another kind of host is further away than any amount. */
function part({ wanted, available }: Lack): number {
  return typeof wanted === 'number' ? (wanted - Number(available)) / wanted : 10
}
