import * as z from 'zod'
import { integer, isEmpty } from './fields.ts'

/** `containerProperties` and `containerOverrides`, kept as sent. Sources: AWS Batch API, ContainerProperties and its parts. */

const command = z.array(z.string())

const environment = z.array(
  z.object({
    name: z
      .string()
      .min(1)
      .regex(/^[^=]+$/)
      .refine((name) => !name.startsWith('AWS_BATCH'), 'must not begin with the reserved prefix AWS_BATCH'),
    value: z.string().exactOptional(),
  }),
)

const requirement = z
  .object({ type: z.enum(['VCPU', 'MEMORY', 'GPU']), value: z.string() })
  .check((check) => {
    const { type, value } = check.value
    const rule = requirementRule(type, value)
    if (rule) check.issues.push({ code: 'custom', input: value, path: ['value'], message: rule })
  })

/**
 * AWS refuses fractions of a vCPU on EC2; hosts here share their CPUs by thousandths, and clients do send
 * `"0.25"`, so that they pass.
 */
function requirementRule(type: 'VCPU' | 'MEMORY' | 'GPU', value: string): string | undefined {
  if (type === 'VCPU' && (!/^\d{1,6}(\.\d{1,3})?$/.test(value) || Number(value) === 0))
    return 'VCPU must be a number above 0, of at most three decimals'
  if (type === 'MEMORY' && (!/^\d{1,9}$/.test(value) || Number(value) < 4))
    return 'MEMORY must be a whole number of MiB, at least 4'
  if (type === 'GPU' && !/^\d{1,4}$/.test(value)) return 'GPU must be a whole number'
  return undefined
}

const resourceRequirements = z.array(requirement).refine((all) => isUnique(all.map(({ type }) => type)), {
  error: 'must have each type only once',
})

const vcpus = integer(1)
const memory = integer(4)
const instanceType = z.string().refine(isEmpty, 'applies to multi-node parallel jobs only')

const volume = z.object({
  name: z
    .string()
    .max(255)
    .regex(/^[a-zA-Z0-9_.-]+$/)
    .exactOptional(),
  host: z.object({ sourcePath: z.string().exactOptional() }).exactOptional(),
  efsVolumeConfiguration: notMounted('an EFS file system').exactOptional(),
  s3filesVolumeConfiguration: notMounted('an S3 file system').exactOptional(),
})

function notMounted(what: string) {
  return z
    .record(z.string(), z.unknown())
    .refine(isEmpty, `not supported yet: mount ${what} on the host and name its path in host.sourcePath`)
}

const mountPoint = z.object({
  containerPath: z.string().exactOptional(),
  readOnly: z.boolean().exactOptional(),
  sourceVolume: z.string().exactOptional(),
})

const ulimitNames =
  'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' ')

const ulimit = z.object({
  name: z.enum(ulimitNames),
  softLimit: integer(-1, Number.MAX_SAFE_INTEGER),
  hardLimit: integer(-1, Number.MAX_SAFE_INTEGER),
})

const linuxParameters = z.object({
  devices: z
    .array(
      z.object({
        hostPath: z.string().min(1),
        containerPath: z.string().exactOptional(),
        permissions: z.array(z.enum(['READ', 'WRITE', 'MKNOD'])).exactOptional(),
      }),
    )
    .exactOptional(),
  initProcessEnabled: z.boolean().exactOptional(),
  sharedMemorySize: integer(0).exactOptional(),
  tmpfs: z
    .array(
      z.object({
        containerPath: z.string().min(1),
        size: integer(1),
        mountOptions: z.array(z.string()).exactOptional(),
      }),
    )
    .exactOptional(),
  maxSwap: integer(0).exactOptional(),
  swappiness: integer(0, 100).exactOptional(),
})

const secret = z.object({ name: z.string(), valueFrom: z.string() })
const noSecretStore = 'not supported yet: there is no secret store; pass values in environment'

const logConfiguration = z.object({
  logDriver: z.string().regex(/^awslogs$/, 'must be awslogs: other log drivers are not supported yet'),
  options: z.record(z.string(), z.string()).exactOptional(),
  secretOptions: z.array(secret).max(0, noSecretStore).exactOptional(),
})

/** Members that only have meaning on Fargate, or for an ECS agent, are stored and described back. */
export const containerProperties = z
  .object({
    image: z
      .string()
      .min(1)
      .max(255)
      .regex(/^[a-zA-Z0-9_:./#@-]+$/),
    command: command.exactOptional(),
    jobRoleArn: z.string().exactOptional(),
    executionRoleArn: z.string().exactOptional(),
    volumes: z.array(volume).exactOptional(),
    environment: environment.exactOptional(),
    mountPoints: z.array(mountPoint).exactOptional(),
    readonlyRootFilesystem: z.boolean().exactOptional(),
    privileged: z.boolean().exactOptional(),
    ulimits: z.array(ulimit).exactOptional(),
    user: z.string().exactOptional(),
    instanceType: instanceType.exactOptional(),
    resourceRequirements: resourceRequirements.exactOptional(),
    linuxParameters: linuxParameters.exactOptional(),
    logConfiguration: logConfiguration.exactOptional(),
    secrets: z.array(secret).max(0, noSecretStore).exactOptional(),
    networkConfiguration: z
      .object({ assignPublicIp: z.enum(['ENABLED', 'DISABLED']).exactOptional() })
      .exactOptional(),
    fargatePlatformConfiguration: z.object({ platformVersion: z.string().exactOptional() }).exactOptional(),
    enableExecuteCommand: z.boolean().exactOptional(),
    ephemeralStorage: z.object({ sizeInGiB: integer(21, 200) }).exactOptional(),
    runtimePlatform: z
      .object({
        operatingSystemFamily: z
          .enum([
            'LINUX',
            'WINDOWS_SERVER_2019_CORE',
            'WINDOWS_SERVER_2019_FULL',
            'WINDOWS_SERVER_2022_CORE',
            'WINDOWS_SERVER_2022_FULL',
          ])
          .exactOptional(),
        cpuArchitecture: z.enum(['X86_64', 'ARM64']).exactOptional(),
      })
      .exactOptional(),
    repositoryCredentials: z
      .object({ credentialsParameter: z.string() })
      .refine(() => false, 'not supported yet: log the container engine of the hosts in to the registry')
      .exactOptional(),
    vcpus: vcpus.exactOptional(),
    memory: memory.exactOptional(),
  })
  .check((check) => {
    const volumes = new Set(check.value.volumes?.map(({ name }) => name))
    check.value.mountPoints?.forEach(({ sourceVolume }, at) => {
      if (sourceVolume !== undefined && !volumes.has(sourceVolume))
        check.issues.push({
          code: 'custom',
          input: sourceVolume,
          path: ['mountPoints', at, 'sourceVolume'],
          message: 'must be the name of one of volumes',
        })
    })
  })

export const containerOverrides = z.object({
  command: z.array(z.string().min(1)).exactOptional(),
  environment: environment.exactOptional(),
  resourceRequirements: resourceRequirements.exactOptional(),
  instanceType: instanceType.exactOptional(),
  vcpus: vcpus.exactOptional(),
  memory: memory.exactOptional(),
})

function isUnique(values: unknown[]): boolean {
  return new Set(values).size === values.length
}
