import type { ConsumableProperties } from './consumable.ts'
import type { PlacementConstraints } from './placement-constraints.ts'

/**
 * A job definition as its user registered it. Member names are the Batch API's (2016-08-10); what the API
 * calls a structure is kept as sent, so that it describes back exactly.
 */
export type NameValue = { name?: string; value?: string }
export type ResourceRequirement = { type: 'VCPU' | 'MEMORY' | 'GPU'; value: string }

export type EvaluateOnExit = {
  onStatusReason?: string
  onReason?: string
  onExitCode?: string
  /** RETRY or EXIT, in any letter case. */
  action: string
}
export type RetryStrategy = { attempts?: number; evaluateOnExit?: EvaluateOnExit[] }
export type JobTimeout = { attemptDurationSeconds?: number }

export type LinuxParameters = {
  devices?: { hostPath: string; containerPath?: string; permissions?: ('READ' | 'WRITE' | 'MKNOD')[] }[]
  initProcessEnabled?: boolean
  sharedMemorySize?: number
  tmpfs?: { containerPath: string; size: number; mountOptions?: string[] }[]
  maxSwap?: number
  swappiness?: number
}
export type Volume = {
  name?: string
  host?: { sourcePath?: string }
  efsVolumeConfiguration?: Record<string, unknown>
  s3filesVolumeConfiguration?: Record<string, unknown>
}
export type MountPoint = { containerPath?: string; readOnly?: boolean; sourceVolume?: string }
export type Ulimit = { name: string; softLimit: number; hardLimit: number }
export type LogConfiguration = {
  logDriver: string
  options?: Record<string, string>
  secretOptions?: { name: string; valueFrom: string }[]
}

/** `containerProperties` of the API; every member optional but those the API requires by use. */
export type ContainerProperties = {
  image?: string
  command?: string[]
  jobRoleArn?: string
  executionRoleArn?: string
  volumes?: Volume[]
  environment?: NameValue[]
  mountPoints?: MountPoint[]
  readonlyRootFilesystem?: boolean
  privileged?: boolean
  ulimits?: Ulimit[]
  user?: string
  instanceType?: string
  resourceRequirements?: ResourceRequirement[]
  linuxParameters?: LinuxParameters
  logConfiguration?: LogConfiguration
  secrets?: { name: string; valueFrom: string }[]
  networkConfiguration?: Record<string, unknown>
  fargatePlatformConfiguration?: Record<string, unknown>
  enableExecuteCommand?: boolean
  ephemeralStorage?: { sizeInGiB: number }
  runtimePlatform?: { operatingSystemFamily?: string; cpuArchitecture?: string }
  repositoryCredentials?: { credentialsParameter: string }
  /** Deprecated: whole vCPUs and MiB. */
  vcpus?: number
  memory?: number
}

/** One container of `ecsProperties` (AWS Batch API, TaskContainerProperties), kept as sent. */
export type TaskContainerProperties = {
  name?: string
  image?: string
  command?: string[]
  environment?: NameValue[]
  /** Default true. */
  essential?: boolean
  dependsOn?: { containerName?: string; condition?: string }[]
  startTimeout?: number
  stopTimeout?: number
  linuxParameters?: LinuxParameters
  logConfiguration?: LogConfiguration
  mountPoints?: MountPoint[]
  privileged?: boolean
  readonlyRootFilesystem?: boolean
  resourceRequirements?: ResourceRequirement[]
  ulimits?: Ulimit[]
  user?: string
  firelensConfiguration?: Record<string, unknown>
  repositoryCredentials?: { credentialsParameter: string }
  secrets?: { name: string; valueFrom: string }[]
}

/** The only entry of `ecsProperties.taskProperties` (AWS Batch API, EcsTaskProperties). */
export type EcsTaskProperties = {
  containers?: TaskContainerProperties[]
  volumes?: Volume[]
  executionRoleArn?: string
  taskRoleArn?: string
  ipcMode?: string
  pidMode?: string
  networkMode?: string
  platformVersion?: string
  ephemeralStorage?: { sizeInGiB: number }
  networkConfiguration?: Record<string, unknown>
  runtimePlatform?: { operatingSystemFamily?: string; cpuArchitecture?: string }
  enableExecuteCommand?: boolean
}
export type EcsProperties = { taskProperties?: EcsTaskProperties[] }

/** What the nodes of one range run (AWS Batch API, NodeRangeProperty), kept as sent. */
export type NodeRangeProperty = {
  /** `a:b`, `:b`, `a:`, or one node alone. */
  targetNodes: string
  container?: ContainerProperties
  ecsProperties?: EcsProperties
  eksProperties?: EksProperties
  instanceTypes?: string[]
  consumableResourceProperties?: ConsumableProperties
}
export type NodeProperties = { numNodes: number; mainNode: number; nodeRangeProperties: NodeRangeProperty[] }

/** One container of a pod (AWS Batch API, EksContainer), kept as sent. */
export type EksContainer = {
  name?: string
  image?: string
  imagePullPolicy?: string
  command?: string[]
  args?: string[]
  env?: { name: string; value?: string }[]
  resources?: { limits?: Record<string, string>; requests?: Record<string, string> }
  volumeMounts?: object[]
  securityContext?: object
}
/** `eksProperties`: what a Kubernetes cluster would run. */
export type EksProperties = {
  podProperties?: {
    containers?: EksContainer[]
    initContainers?: EksContainer[]
    metadata?: { labels?: Record<string, string>; annotations?: Record<string, string>; namespace?: string }
    serviceAccountName?: string
    hostNetwork?: boolean
    dnsPolicy?: string
    imagePullSecrets?: object[]
    volumes?: object[]
    shareProcessNamespace?: boolean
  }
}

export type JobDefinitionBody = {
  type: 'container' | 'multinode'
  parameters?: Record<string, string>
  schedulingPriority?: number
  containerProperties?: ContainerProperties
  ecsProperties?: EcsProperties
  eksProperties?: EksProperties
  nodeProperties?: NodeProperties
  retryStrategy?: RetryStrategy
  timeout?: JobTimeout
  propagateTags?: boolean
  tags?: Record<string, string>
  platformCapabilities?: string[]
  consumableResourceProperties?: ConsumableProperties
  placementConstraints?: PlacementConstraints
}

export type JobDefinition = {
  name: string
  revision: number
  status: 'ACTIVE' | 'INACTIVE'
  body: JobDefinitionBody
}

/** How a client names a definition: without a revision it means the newest ACTIVE one. */
export type JobDefinitionRef = { name: string; revision?: number }
