import type { HostOffer } from './environment.ts'

/** Longshore's own: on which hosts a job may run. */
export type PlacementConstraints = {
  /** Any of these, as `nvidia-smi` names them. */
  gpuModels?: string[]
  /** All of these. */
  labels?: Record<string, string>
}

/** What an attempt asks of its host beyond amounts. */
export type Constraints = {
  architecture?: HostOffer['architecture']
  gpuModels?: readonly string[]
  labels?: Record<string, string>
}
