import type { ResourceRequirement } from './job-definition.ts'

/** Memory in MiB that goes with each size in thousandths of a vCPU. Source: AWS Batch API, ResourceRequirement. */
const memorySizes = new Map<number, number[]>([
  [250, [512, 1024, 2048]],
  [500, steps(1024, 4096, 1024)],
  [1000, steps(2048, 8192, 1024)],
  [2000, steps(4096, 16384, 1024)],
  [4000, steps(8192, 30720, 1024)],
  [8000, steps(16384, 61440, 4096)],
  [16000, steps(32768, 122880, 8192)],
  [32000, [61440, 122880, 249856]],
])

/** `container`: the position of the one container that is at fault; absent where it is all of them together. */
export type FargateFault = { container?: number; rule: string }

/**
 * What is wrong with what the containers of one task ask for on Fargate, or undefined. Each must say what it needs, and
 * their sum must be a size of the table (as AWS Batch counts: 1 vCPU and a second container of 0.25 are refused as 1.25).
 */
export function fargateFault(
  containers: readonly { resourceRequirements?: ResourceRequirement[] }[],
): FargateFault | undefined {
  let [cpuMilli, memoryMiB] = [0, 0]
  for (const [container, { resourceRequirements }] of containers.entries()) {
    const need = (type: ResourceRequirement['type']) =>
      resourceRequirements?.find((requirement) => requirement.type === type)?.value
    const [vcpu, memory] = [need('VCPU'), need('MEMORY')]
    if (need('GPU') !== undefined) return { container, rule: 'GPU is not available on FARGATE' }
    if (vcpu === undefined || memory === undefined)
      return { container, rule: 'VCPU and MEMORY are required for FARGATE' }
    cpuMilli += Math.round(Number(vcpu) * 1000)
    memoryMiB += Number(memory)
  }
  const rule = unfitSize(cpuMilli, memoryMiB)
  return rule === undefined ? undefined : { rule }
}

function unfitSize(cpuMilli: number, memoryMiB: number): string | undefined {
  const vcpus = `${(cpuMilli / 1000).toFixed(2)} vCPU`
  const sizes = memorySizes.get(cpuMilli)
  if (!sizes) {
    const all = [...memorySizes.keys()].map((size) => size / 1000).join(', ')
    return `Fargate resource requirements (${vcpus}) not valid: VCPU must be one of ${all}`
  }
  if (sizes.includes(memoryMiB)) return undefined
  const fitting = `MEMORY must be one of ${sizes.join(', ')} for ${cpuMilli / 1000} VCPU`
  return `Fargate resource requirements (${vcpus}, ${memoryMiB} MiB) not valid: ${fitting}`
}

function steps(from: number, to: number, step: number): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, at) => from + at * step)
}
