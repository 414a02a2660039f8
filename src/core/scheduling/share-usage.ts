import type { Resources } from '../model/resources.ts'

/** What a share uses, or what its attempts hold: resources, and dollars an hour. */
export type Use = { cpuMilli: number; memoryMiB: number; gpuMilli: number; cost: number }

export const noUse: Use = { cpuMilli: 0, memoryMiB: 0, gpuMilli: 0, cost: 0 }

/** Dollars an hour that resources count for where nobody says what a host costs: AWS Fargate's of us-east-1 (x86), and a T4's. */
const unitPrices = { vcpu: 0.04048, gibibyte: 0.004445, gpu: 0.526 }

/** What an attempt counts for while it holds its resources. `hourlyCost`: of the attempt, where its host's price is known. */
export function useOf(resources: Resources, hourlyCost = listPrice(resources)): Use {
  const { cpuMilli, memoryMiB, gpuMilli } = resources
  return { cpuMilli, memoryMiB, gpuMilli, cost: hourlyCost }
}

function listPrice({ cpuMilli, memoryMiB, gpuMilli }: Resources): number {
  const { vcpu, gibibyte, gpu } = unitPrices
  return (cpuMilli / 1000) * vcpu + (memoryMiB / 1024) * gibibyte + (gpuMilli / 1000) * gpu
}

/** `a + scale × b`. */
export function addUse(a: Use, b: Use, scale = 1): Use {
  return {
    cpuMilli: a.cpuMilli + scale * b.cpuMilli,
    memoryMiB: a.memoryMiB + scale * b.memoryMiB,
    gpuMilli: a.gpuMilli + scale * b.gpuMilli,
    cost: a.cost + scale * b.cost,
  }
}

export type Measure = 'VCPU' | 'MEMORY' | 'GPU' | 'DOMINANT' | 'COST'

/**
 * A use as one number, by what the policy counts: vCPUs, GiB, GPUs, dollars an hour, or the largest part of the capacity
 * that it is of any resource (dominant resource fairness, Ghodsi et al. 2011).
 */
export function measureUse(use: Use, measure: Measure, capacity: Resources): number {
  switch (measure) {
    case 'VCPU':
      return use.cpuMilli / 1000
    case 'MEMORY':
      return use.memoryMiB / 1024
    case 'GPU':
      return use.gpuMilli / 1000
    case 'COST':
      return use.cost
    case 'DOMINANT':
      return Math.max(
        use.cpuMilli / Math.max(1, capacity.cpuMilli),
        use.memoryMiB / Math.max(1, capacity.memoryMiB),
        use.gpuMilli / Math.max(1, capacity.gpuMilli),
      )
  }
}
