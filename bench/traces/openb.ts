import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** The samples of openb's tasks that have published results. */
export const openbVariants = ['default', 'cpu050', 'gpushare40', 'multigpu20', 'gpuspec10'] as const
export type OpenbVariant = (typeof openbVariants)[number]

export type GpuNode = { id: string; cpuMilli: number; memoryMiB: number; cards: number; model: string }

/** `share`: thousandths of the one card of which it wants a part, else 0. `models`: those it may run on; absent: any. */
export type GpuTask = {
  cpuMilli: number
  memoryMiB: number
  wholeCards: number
  share: number
  models?: readonly string[]
}

/** Nodes with GPUs of the trace "openb" (Weng et al., "Beware of Fragmentation", ATC '23). */
export function readGpuNodes(folder: string): GpuNode[] {
  return rows(readFileSync(join(folder, 'openb_nodes.csv'), 'utf8'))
    .map((row) => ({
      id: row.sn!,
      cpuMilli: Number(row.cpu_milli),
      memoryMiB: Number(row.memory_mib),
      cards: Number(row.gpu),
      model: row.model!,
    }))
    .filter(({ cards }) => cards > 0)
}

export function readGpuTasks(folder: string, variant: OpenbVariant): GpuTask[] {
  const file = join(folder, `openb_pods_${variant}.csv.gz`)
  return rows(gunzipSync(readFileSync(file)).toString()).map((row) => {
    const cards = Number(row.num_gpu)
    const milli = Number(row.gpu_milli)
    const isShare = cards === 1 && milli < 1_000
    return {
      cpuMilli: Number(row.cpu_milli),
      memoryMiB: Number(row.memory_mib),
      wholeCards: isShare ? 0 : cards,
      share: isShare ? milli : 0,
      ...(row.gpu_spec ? { models: row.gpu_spec.split('|') } : {}),
    }
  })
}

/** Thousandths of a card that a task asks for. */
export function gpuMilliOf({ wholeCards, share }: GpuTask): number {
  return wholeCards * 1_000 + share
}

function rows(csv: string): Record<string, string>[] {
  const [header, ...lines] = csv.trim().split('\n')
  const names = header!.split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    return Object.fromEntries(names.map((name, at) => [name, cells[at]?.trim() ?? '']))
  })
}
