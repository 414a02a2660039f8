import type { LinuxParameters } from '../core/model/job-definition.ts'
import type { EngineJob } from './engine.ts'
import { containerEnvironment } from './process-environment.ts'

const mebibyte = 1024 * 1024
/** The least the engine accepts. */
const leastMemoryMiB = 6
const leastCpuShares = 2
const sharesPerCpu = 1024

/** Its value is an `EngineJob`'s id. */
export const containerLabel = 'longshore.attempt'
export const instanceLabel = 'longshore.instance'

export type ContainerOptions = {
  instanceId: string
  /** `NetworkMode` of the engine. */
  network: string
  injectEnvironment: Record<string, string>
}

/** A job asks for what a container cannot have; the message is for its owner. */
class ContainerRequestError extends Error {
  override name = 'ContainerRequestError'
}

export function containerName(id: string): string {
  return `longshore-${id}`
}

/** A volume without a host path lives as long as its attempt. */
export function volumeName(attemptId: string, volume: string): string {
  return `longshore-${attemptId}-${volume}`
}

/** The body of `POST /containers/create` for a job. Throws `ContainerRequestError`. */
export function containerBody(job: EngineJob, options: ContainerOptions): object {
  const { container } = job
  const environment = containerEnvironment(job, options.injectEnvironment)
  return {
    Image: container.image,
    ...(container.command.length > 0 ? { Cmd: container.command } : {}),
    ...(container.user ? { User: container.user } : {}),
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    Labels: { ...job.tags, [containerLabel]: job.id, [instanceLabel]: options.instanceId },
    StopTimeout: container.stopTimeoutSeconds,
    HostConfig: {
      NetworkMode: container.hostNetwork ? 'host' : options.network,
      // Never rotated: the log is read from its beginning when the agent comes back, and is removed with the container.
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1000000g', 'max-file': '1' } },
      CpuShares: Math.max(leastCpuShares, Math.floor((container.resources.cpuMilli * sharesPerCpu) / 1000)),
      ...memoryOf(container.resources.memoryMiB, container.linuxParameters),
      Privileged: container.privileged ?? false,
      ReadonlyRootfs: container.readonlyRootFilesystem ?? false,
      Ulimits: (container.ulimits ?? []).map(({ name, softLimit, hardLimit }) => ({
        Name: name,
        Soft: softLimit,
        Hard: hardLimit,
      })),
      ...linuxOf(container.linuxParameters),
      ...volumesOf(job, options.instanceId),
      ...(job.gpus.length > 0
        ? { DeviceRequests: [{ Driver: 'nvidia', DeviceIDs: job.gpus, Capabilities: [['gpu']] }] }
        : {}),
    },
  }
}

/** A hard limit on memory; swap beside it only as `maxSwap` says (0: none), which alone makes `swappiness` count. */
function memoryOf(memoryMiB: number, linux: LinuxParameters | undefined): object {
  const memory = Math.max(leastMemoryMiB, memoryMiB) * mebibyte
  if (linux?.maxSwap === undefined) return { Memory: memory }
  const swappiness = linux.swappiness === undefined ? {} : { MemorySwappiness: linux.swappiness }
  return { Memory: memory, MemorySwap: memory + linux.maxSwap * mebibyte, ...swappiness }
}

function linuxOf(linux: LinuxParameters | undefined): object {
  if (!linux) return {}
  const letters = { READ: 'r', WRITE: 'w', MKNOD: 'm' }
  const tmpfs = (linux.tmpfs ?? []).map(({ containerPath, size, mountOptions }) => [
    containerPath,
    [`size=${size}m`, ...(mountOptions ?? [])].join(','),
  ])
  return {
    ...(linux.initProcessEnabled ? { Init: true } : {}),
    ...(linux.sharedMemorySize === undefined ? {} : { ShmSize: linux.sharedMemorySize * mebibyte }),
    Tmpfs: Object.fromEntries(tmpfs),
    Devices: (linux.devices ?? []).map(({ hostPath, containerPath, permissions }) => ({
      PathOnHost: hostPath,
      PathInContainer: containerPath ?? hostPath,
      CgroupPermissions: (permissions ?? ['READ', 'WRITE', 'MKNOD']).map((name) => letters[name]).join(''),
    })),
  }
}

/** Host paths are bound, and made where they are missing; other volumes are the attempt's own. */
function volumesOf(job: EngineJob, instanceId: string): object {
  const binds: string[] = []
  const mounts: object[] = []
  for (const { sourceVolume, containerPath, readOnly } of job.container.mountPoints ?? []) {
    const volume = job.volumes.find(({ name }) => name !== undefined && name === sourceVolume)
    if (!volume || !containerPath) {
      throw new ContainerRequestError(`mount point ${containerPath}: there is no volume ${sourceVolume}`)
    }
    if (volume.efsVolumeConfiguration || volume.s3filesVolumeConfiguration) {
      throw new ContainerRequestError(`volume ${sourceVolume}: this host cannot mount AWS file systems`)
    }
    const path = volume.host?.sourcePath
    if (path) binds.push(`${path}:${containerPath}${readOnly ? ':ro' : ''}`)
    else {
      mounts.push({
        Type: 'volume',
        Source: volumeName(job.attemptId, volume.name!),
        Target: containerPath,
        ReadOnly: readOnly ?? false,
        VolumeOptions: { Labels: { [containerLabel]: job.attemptId, [instanceLabel]: instanceId } },
      })
    }
  }
  return { Binds: binds, Mounts: mounts }
}
