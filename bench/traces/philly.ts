import type { Demand, PoolHost } from '../../src/core/scheduling/demand.ts'
import { measure } from '../../src/core/simulation/metrics.ts'
import { oneQueue } from '../../src/core/simulation/named-policies.ts'
import { simulate } from '../../src/core/simulation/simulate.ts'
import type { TraceJob } from '../../src/core/simulation/trace-job.ts'
import type { Run } from './parallel-machine.ts'

const cardsPerNode = 8

/** Nodes that leave queues in this part of the log, by virtual cluster. */
const clusterNodes: Record<string, number> = {
  '6214e9': 16,
  '6c71a0': 16,
  b436b2: 16,
  '103959': 4,
  ee9e8c: 16,
}

export type PhillyRun = { cluster: string; nodes: number; jobs: number; runs: Run[] }

/** Gangs over hosts of eight GPUs, each virtual cluster for itself: nobody by a blocked head, and backfilling round it. */
export function runPhilly(csv: string): PhillyRun[] {
  return Object.entries(clusterNodes).map(([cluster, nodes]) => {
    const jobs = phillyJobs(csv, cluster, nodes)
    const hosts = Array.from({ length: nodes }, (_, at) => gpuNode(at))
    const run = (policy: string, blockedHead: 'STRICT' | 'BACKFILL'): Run => {
      const starts = simulate(jobs, oneQueue(hosts, { schedulingSettings: { blockedHead } }))
      return {
        policy,
        starts,
        metrics: measure(jobs, starts, { capacity: nodes * cardsPerNode, sizeOf: cardsOf }),
      }
    }
    return { cluster, nodes, jobs: jobs.length, runs: [run('FIFO', 'STRICT'), run('Longshore', 'BACKFILL')] }
  })
}

/** Rows are `submit_s,duration_s,gpus,vc`. Jobs larger than the cluster are left out. */
function phillyJobs(csv: string, cluster: string, nodes: number): TraceJob[] {
  const rows = csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
  return rows
    .filter(([, , gpus, vc]) => vc === cluster && Number(gpus) <= nodes * cardsPerNode)
    .sort((a, b) => Number(a[0]) - Number(b[0]))
    .map(([submit, duration, gpus], id) => ({
      id,
      submitAt: Number(submit) * 1000,
      runMs: Number(duration) * 1000,
      boundMs: Number.POSITIVE_INFINITY,
      demands: gangOf(Number(gpus)),
      share: cluster,
      kind: `${gpus} GPUs`,
      priority: 0,
    }))
}

/** Up to eight on one node, more on whole nodes. */
function gangOf(gpus: number): Demand[] {
  const node = (cards: number): Demand => ({
    resources: { cpuMilli: 0, memoryMiB: 0, gpuMilli: cards * 1000, diskMiB: 0 },
  })
  if (gpus <= cardsPerNode) return [node(gpus)]
  return Array.from({ length: Math.ceil(gpus / cardsPerNode) }, () => node(cardsPerNode))
}

function gpuNode(at: number): PoolHost {
  const capacity = { cpuMilli: 0, memoryMiB: 0, gpuMilli: cardsPerNode * 1000, diskMiB: 0 }
  return { id: `node-${at}`, capacity, cards: cardsPerNode, architecture: 'X86_64', labels: {} }
}

function cardsOf({ demands }: TraceJob): number {
  return demands.reduce((sum, { resources }) => sum + resources.gpuMilli, 0) / 1000
}
