import * as z from 'zod'
import { integer } from './fields.ts'
import type { Rules } from './rule.ts'

/** Containers of definitions and their overrides. Sources: AWS Batch API, ContainerProperties and its parts. */

export const resourceRequirements = (list: z.ZodArray<z.ZodType<{ type: string }>>) =>
  list.refine((all) => isUnique(all.map(({ type }) => type)), { error: 'must have each type only once' })

const vcpus = () => integer(1)
const memory = () => integer(4)

const ulimitNames =
  'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' ')
const operatingSystems = [
  'LINUX',
  ...['2019_CORE', '2019_FULL', '2022_CORE', '2022_FULL'].map((edition) => `WINDOWS_SERVER_${edition}`),
]

export const containerRules: Rules = {
  ContainerProperties: (container: z.ZodObject) => container.check(mountsVolumes),
  'ContainerProperties.image': image,
  'ContainerProperties.resourceRequirements': resourceRequirements,
  'ContainerProperties.vcpus': vcpus,
  'ContainerProperties.memory': memory,
  'ContainerOverrides.command': () => z.array(z.string().min(1)),
  'ContainerOverrides.resourceRequirements': resourceRequirements,
  'ContainerOverrides.vcpus': vcpus,
  'ContainerOverrides.memory': memory,
  KeyValuePair: (pair: z.ZodObject) =>
    pair.extend({
      name: z
        .string()
        .min(1)
        .regex(/^[^=]+$/)
        .refine((name) => !name.startsWith('AWS_BATCH'), 'must not begin with the reserved prefix AWS_BATCH'),
    }),
  ResourceRequirement: (requirement: z.ZodType<{ type: string; value: string }>) =>
    requirement.check(({ value: { type, value }, issues }) => {
      const rule = requirementRule(type, value)
      if (rule) issues.push({ code: 'custom', input: value, path: ['value'], message: rule })
    }),
  'Volume.name': (name: z.ZodString) => name.max(255).regex(/^[a-zA-Z0-9_.-]+$/),
  'Ulimit.name': () => z.enum(ulimitNames),
  'Ulimit.softLimit': () => integer(-1, Number.MAX_SAFE_INTEGER),
  'Ulimit.hardLimit': () => integer(-1, Number.MAX_SAFE_INTEGER),
  'Device.hostPath': (path: z.ZodString) => path.min(1),
  'LinuxParameters.sharedMemorySize': () => integer(0),
  'LinuxParameters.maxSwap': () => integer(0),
  'LinuxParameters.swappiness': () => integer(0, 100),
  'Tmpfs.containerPath': (path: z.ZodString) => path.min(1),
  'Tmpfs.size': () => integer(1),
  'EFSVolumeConfiguration.transitEncryptionPort': () => integer(0, 65_535),
  'S3FilesVolumeConfiguration.transitEncryptionPort': () => integer(0, 65_535),
  'EphemeralStorage.sizeInGiB': () => integer(21, 200),
  'RuntimePlatform.operatingSystemFamily': () => z.enum(operatingSystems),
  'RuntimePlatform.cpuArchitecture': () => z.enum(['X86_64', 'ARM64']),
}

export function image(text: z.ZodString): z.ZodType {
  return text
    .min(1)
    .max(255)
    .regex(/^[a-zA-Z0-9_:./#@-]+$/)
}

/**
 * AWS refuses fractions of a vCPU on EC2; hosts here share their CPUs by thousandths, and clients do send
 * `"0.25"`, so that they pass. A part of a GPU is Longshore's own.
 */
function requirementRule(type: string, value: string): string | undefined {
  if (type === 'VCPU' && (!/^\d{1,6}(\.\d{1,3})?$/.test(value) || Number(value) === 0))
    return 'VCPU must be a number above 0, of at most three decimals'
  if (type === 'MEMORY' && (!/^\d{1,9}$/.test(value) || Number(value) < 4))
    return 'MEMORY must be a whole number of MiB, at least 4'
  if (
    type === 'GPU' &&
    (!/^(\d{1,4}|0\.\d{1,3})$/.test(value) || (value.includes('.') && Number(value) === 0))
  )
    return 'GPU must be a whole number, or a part of one between 0 and 1 of at most three decimals'
  return undefined
}

type Mounts = {
  volumes?: { name?: string }[] | undefined
  mountPoints?: { sourceVolume?: string }[] | undefined
}

function mountsVolumes({ value, issues }: z.core.ParsePayload<Record<string, unknown>>): void {
  for (const at of unmounted(value)) {
    const path = ['mountPoints', at, 'sourceVolume']
    issues.push({ code: 'custom', input: value, path, message: 'must be the name of one of volumes' })
  }
}

/** The places of the mount points that name no volume. */
export function unmounted({ volumes, mountPoints = [] }: Mounts): number[] {
  const names = new Set(volumes?.map(({ name }) => name))
  return mountPoints.flatMap(({ sourceVolume }, at) =>
    sourceVolume === undefined || names.has(sourceVolume) ? [] : [at],
  )
}

export function isUnique(values: unknown[]): boolean {
  return new Set(values).size === values.length
}
