import type { Resources } from './resources.ts'

/** A compute environment as its user created it: `CreateComputeEnvironment`'s members, kept as sent. */
export type EnvironmentBody = {
  type: 'MANAGED' | 'UNMANAGED'
  state: 'ENABLED' | 'DISABLED'
  unmanagedvCpus?: number
  computeResources?: { type: string; maxvCpus: number; [member: string]: unknown }
  serviceRole?: string
  tags?: Record<string, string>
  eksConfiguration?: Record<string, unknown>
  context?: string
  ecsSettings?: Record<string, unknown>
}

export type EnvironmentConfig = {
  number: number
  name: string
  uuid: string
  createdAt: number
  body: EnvironmentBody
  /** How long a host may be silent before its attempts are declared lost. Milliseconds. */
  leaseMs: number
}

/** What a host's agent offers. */
export type HostOffer = {
  resources: Resources
  architecture: 'X86_64' | 'ARM64'
  labels: Record<string, string>
  runtime: 'docker' | 'process'
  hostname: string
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
