import type { ContainerProperties } from '../../../core/model/job-definition.ts'
import { isEmpty } from './fields.ts'

/** Memory in MiB that goes with each size of vCPU: from, to, step. Source: AWS Batch API, ResourceRequirement. */
const memoryOfVcpu: Record<string, number[]> = {
  '0.25': [512, 1024, 2048],
  '0.5': steps(1024, 4096, 1024),
  '1': steps(2048, 8192, 1024),
  '2': steps(4096, 16384, 1024),
  '4': steps(8192, 30720, 1024),
  '8': steps(16384, 61440, 4096),
  '16': steps(32768, 122880, 8192),
  '32': [61440, 122880, 249856],
}

const refusedMembers = ['privileged', 'ulimits', 'instanceType'] as const
const refusedLinuxParameters = ['devices', 'sharedMemorySize', 'tmpfs', 'maxSwap', 'swappiness'] as const

/** The first rule of Fargate that a container breaks, as the member's path and the rule. */
export function brokenFargateRule(
  container: ContainerProperties,
): { path: string[]; rule: string } | undefined {
  const need = (type: string) =>
    container.resourceRequirements?.find((requirement) => requirement.type === type)?.value
  const [vcpu, memory] = [need('VCPU'), need('MEMORY')]
  if (!container.executionRoleArn) return { path: ['executionRoleArn'], rule: 'required for FARGATE' }
  const path = ['resourceRequirements']
  if (need('GPU') !== undefined) return { path, rule: 'GPU is not available on FARGATE' }
  if (vcpu === undefined || memory === undefined)
    return { path, rule: 'VCPU and MEMORY are required for FARGATE' }
  const sizes = memoryOfVcpu[String(Number(vcpu))]
  if (!sizes)
    return {
      path,
      rule: `VCPU must be one of ${Object.keys(memoryOfVcpu).sort(byNumber).join(', ')} for FARGATE`,
    }
  if (!sizes.includes(Number(memory)))
    return { path, rule: `MEMORY must be one of ${sizes.join(', ')} for ${vcpu} VCPU on FARGATE` }
  const member = refusedMembers.find((name) => !isEmpty(container[name]))
  if (member) return { path: [member], rule: 'not available on FARGATE' }
  const parameter = refusedLinuxParameters.find((name) => !isEmpty(container.linuxParameters?.[name]))
  return parameter ? { path: ['linuxParameters', parameter], rule: 'not available on FARGATE' } : undefined
}

function steps(from: number, to: number, step: number): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, at) => from + at * step)
}

function byNumber(a: string, b: string): number {
  return Number(a) - Number(b)
}
