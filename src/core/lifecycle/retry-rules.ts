import type { EvaluateOnExit, RetryStrategy } from '../model/job-definition.ts'

/** How a failed attempt ended, as retry rules see it. */
export type FailedAttempt = { statusReason: string; reason?: string; exitCode?: number }

/**
 * Whether a failed attempt is followed by another one (AWS Batch user guide, "Automated job retries").
 * `attemptsUsed` counts the failed one. Rules are tried in order; the first whose given conditions all match
 * decides; when none matches the job is retried. A condition on a value the attempt does not have matches
 * only the lone `*`.
 */
export function decideRetry(strategy: RetryStrategy, attemptsUsed: number, attempt: FailedAttempt): boolean {
  if (attemptsUsed >= (strategy.attempts ?? 1)) return false
  const rule = strategy.evaluateOnExit?.find((candidate) => matches(candidate, attempt))
  return rule === undefined || rule.action.toUpperCase() === 'RETRY'
}

function matches(rule: EvaluateOnExit, attempt: FailedAttempt): boolean {
  return (
    matchesPattern(rule.onStatusReason, attempt.statusReason) &&
    matchesPattern(rule.onReason, attempt.reason) &&
    matchesPattern(rule.onExitCode, attempt.exitCode?.toString())
  )
}

/** Exact, or a prefix with one trailing `*`. A pattern that is not given matches everything. */
function matchesPattern(pattern: string | undefined, value: string | undefined): boolean {
  if (pattern === undefined || pattern === '*') return true
  if (value === undefined) return false
  return pattern.endsWith('*') ? value.startsWith(pattern.slice(0, -1)) : value === pattern
}
