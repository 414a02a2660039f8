import type { Resources } from './resources.ts'

/** What a job's definition asks of the environments of its queue; each environment can run jobs of one of these. */
export type Capability = 'EC2' | 'FARGATE' | 'MANAGED_INSTANCES' | 'EKS'

/** `computeResources`, kept as sent but for the defaults the API shows. */
export type ComputeResources = {
  type: 'EC2' | 'SPOT' | 'FARGATE' | 'FARGATE_SPOT' | 'ECS_MANAGED_INSTANCES'
  maxvCpus: number
  minvCpus?: number
  desiredvCpus?: number
  allocationStrategy?: string
  instanceTypes?: string[]
  [member: string]: unknown
}

/** A compute environment as its user created it: `CreateComputeEnvironment`'s members, kept as sent. */
export type EnvironmentBody = {
  type: 'MANAGED' | 'UNMANAGED'
  state: 'ENABLED' | 'DISABLED'
  unmanagedvCpus?: number
  computeResources?: ComputeResources
  serviceRole?: string
  tags?: Record<string, string>
  eksConfiguration?: Record<string, unknown>
  context?: string
  ecsSettings?: Record<string, unknown>
  updatePolicy?: { terminateJobsOnUpdate: boolean; jobExecutionTimeoutMinutes: number }
}

export type EnvironmentConfig = {
  number: number
  name: string
  uuid: string
  createdAt: number
  body: EnvironmentBody
  /** How long a host may be silent before its attempts are declared lost. Milliseconds. */
  leaseMs: number
  /** Higher with every change, so that a late older configuration is recognised. */
  version?: number
  /** It places nothing any more; attempts that run here end by themselves. */
  deleted?: true
}

export function isFargate(type: ComputeResources['type']): boolean {
  return type === 'FARGATE' || type === 'FARGATE_SPOT'
}

export function capabilityOf(body: EnvironmentBody): Capability {
  if (body.eksConfiguration) return 'EKS'
  const type = body.computeResources?.type ?? 'EC2'
  if (isFargate(type)) return 'FARGATE'
  return type === 'ECS_MANAGED_INSTANCES' ? 'MANAGED_INSTANCES' : 'EC2'
}

/** The architecture of an instance type, family or `default_…` of an environment. */
export function architectureOf(instanceType: string): HostOffer['architecture'] {
  return /^(a1\b|[a-z]+\d+g|default_arm64$)/.test(instanceType) ? 'ARM64' : 'X86_64'
}

/** What a host's agent offers. */
export type HostOffer = {
  resources: Resources
  architecture: 'X86_64' | 'ARM64'
  labels: Record<string, string>
  runtime: 'docker' | 'process'
  hostname: string
  /** What `nvidia-smi` calls its GPUs; absent where it has none, or several kinds. */
  gpuModel?: string
  /** The host's address for peers, where it is known. */
  privateIpv4Address?: string
}

/** What the environment tells of one host. */
export type HostView = {
  instanceId: string
  offer: HostOffer
  state: 'connected' | 'disconnected'
  free: Resources
  attempts: string[]
  /** When the host, if it stays silent, is declared lost. Epoch milliseconds; absent while nothing is placed on it. */
  leaseExpiresAt?: number
}
