/** `fairsharePolicy` of the API, kept as sent. `usage` and `limits` are Longshore's own. */
export type FairsharePolicy = {
  /** 0 or absent: 600. */
  shareDecaySeconds?: number
  /** Percent. */
  computeReservation?: number
  shareDistribution?: ShareAttributes[]
  /** What of an attempt counts as a share's use. Absent: VCPU. */
  usage?: 'VCPU' | 'MEMORY' | 'GPU' | 'DOMINANT' | 'COST'
}

/** What a policy says of shares: of one, or of all at one level of the tree whose names begin alike. */
export type ShareAttributes = {
  /** A path, `team/user`; what ends in `*` stands for all that begin so and have no further segment. */
  shareIdentifier: string
  /** A lower one gives a larger share. Absent: 1. */
  weightFactor?: number
  /** Of each share that the entry stands for, with all below it. */
  limits?: SchedulingLimits
}

/** Longshore's own: bounds of what attempts in STARTING and RUNNING hold together. Each 1 or more; absent: none. */
export type SchedulingLimits = { runningJobs?: number; vcpus?: number; gpus?: number }

/** At most one of the two is there; a policy with neither is a fair-share policy of defaults. */
export type PolicyBody = {
  fairsharePolicy?: FairsharePolicy
  quotaSharePolicy?: { idleResourceAssignmentStrategy: string }
}

export type PolicyConfig = {
  number: number
  name: string
  createdAt: number
  body: PolicyBody
  tags?: Record<string, string>
}

/** The name of the policy that an ARN (or a bare name) names. */
export function policyNameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1)
}
