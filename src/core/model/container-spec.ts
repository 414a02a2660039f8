import type { LinuxParameters, MountPoint, NameValue, Ulimit } from './job-definition.ts'
import type { Resources } from './resources.ts'

/** What must hold of a container of the same task before another one starts. */
export type ContainerDependency = { container: string; condition: 'START' | 'COMPLETE' | 'SUCCESS' }

/** What a host needs to run one container of a task. */
export type ContainerSpec = {
  /** Unique in its task; `default` for `containerProperties`. */
  name: string
  /** Its end is the end of the task. */
  essential: boolean
  dependsOn?: ContainerDependency[]
  /** How long others wait for it to come as far as they need. */
  startTimeoutSeconds?: number
  /** Between SIGTERM and SIGKILL. */
  stopTimeoutSeconds: number
  image: string
  /** Parameters already substituted. Empty: the image's own command. */
  command: string[]
  environment: NameValue[]
  resources: Resources
  user?: string
  /** It uses the host's network, so that others find it at the host's address. */
  hostNetwork?: boolean
  privileged?: boolean
  readonlyRootFilesystem?: boolean
  ulimits?: Ulimit[]
  linuxParameters?: LinuxParameters
  mountPoints?: MountPoint[]
  logGroup: string
  /** The attempt's log stream is `{logStreamPrefix}/{attempt id}`. */
  logStreamPrefix: string
}
