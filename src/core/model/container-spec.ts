import type { LinuxParameters, MountPoint, NameValue, Ulimit, Volume } from './job-definition.ts'
import type { Resources } from './resources.ts'

/** What a host needs to run one container, shared by all children of an array. */
export type ContainerSpec = {
  image: string
  /** Parameters already substituted. Empty: the image's own command. */
  command: string[]
  environment: NameValue[]
  resources: Resources
  user?: string
  privileged?: boolean
  readonlyRootFilesystem?: boolean
  ulimits?: Ulimit[]
  linuxParameters?: LinuxParameters
  volumes?: Volume[]
  mountPoints?: MountPoint[]
  /** Counted from the start of the container; absent: no limit. */
  timeoutSeconds?: number
  /** Between SIGTERM and SIGKILL. */
  stopTimeoutSeconds: number
  logGroup: string
  /** The attempt's log stream is `{logStreamPrefix}/{attempt id}`. */
  logStreamPrefix: string
}
