/** `fairsharePolicy` of the API, kept as sent. */
export type FairsharePolicy = {
  /** 0 or absent: 600. */
  shareDecaySeconds?: number
  /** Percent. */
  computeReservation?: number
  /** An identifier that ends in `*` stands for all that begin so. `weightFactor` is 1 where it is absent. */
  shareDistribution?: { shareIdentifier: string; weightFactor?: number }[]
}

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
