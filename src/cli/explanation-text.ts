import {
  type EnvironmentStanding,
  type Explanation,
  type OrderStanding,
  roomBeingMadeText,
  type Shortage,
} from '../core/model/explanation.ts'

/** An explanation for people to read: one thing a line. */
export function explanationText(explanation: Explanation): string {
  const { jobId, jobName, status, summary, waitingFor, dependencies = [], order } = explanation
  const lines = [`${jobName} (${jobId}) is ${status}`, summary, '']
  for (const { kind, text, remedy } of waitingFor) lines.push(`${kind}  ${text}`, `  → ${remedy}`)
  if (dependencies.length > 0) lines.push('', 'Jobs it depends on')
  for (const { jobId, type, status, met } of dependencies)
    lines.push(`  ${met ? 'met    ' : 'not met'} ${jobId}${type ? ` ${type}` : ''} ${status ?? ''}`.trimEnd())
  if (order) lines.push('', `Order: ${orderText(order)}`)
  for (const environment of explanation.computeEnvironments ?? [])
    lines.push('', ...environmentLines(environment))
  if (explanation.estimatedStart) {
    const { at, basis } = explanation.estimatedStart
    lines.push('', `Estimated start: ${new Date(at).toISOString()} (${basis})`)
  }
  return `${lines.join('\n').trimEnd()}\n`
}

function orderText({ jobsAhead, jobsAheadIsAtLeast, schedulingPriority, share }: OrderStanding): string {
  const ahead = `${jobsAheadIsAtLeast ? 'at least ' : ''}${jobsAhead} ahead, scheduling priority ${schedulingPriority}`
  if (!share) return ahead
  const { shareIdentifier, weightFactor, weightedUsage, rank, activeShares } = share
  return `${ahead}; share ${shareIdentifier} is ${rank} of ${activeShares}, weight factor ${weightFactor}, use for its weight ${weightedUsage.toFixed(3)}`
}

function environmentLines(environment: EnvironmentStanding): string[] {
  const { computeEnvironment, standing, connectedHosts, nearestHosts, neverFits, reservation } = environment
  const lines = [
    `Compute environment ${computeEnvironment}: ${standingTexts[standing]}, ${connectedHosts} connected`,
  ]
  if (neverFits) lines.push(`  no host could ever hold it; the closest: ${shortageText(neverFits)}`)
  for (const { containerInstance, lacks } of nearestHosts)
    lines.push(`  ${containerInstance}: ${lacks.length === 0 ? 'has room' : shortageText(lacks)}`)
  if (reservation) {
    const until =
      reservation.expectedAt === undefined
        ? ''
        : `, free by ${new Date(reservation.expectedAt).toISOString()}`
    lines.push(`  room is kept for ${reservation.forThisJob ? 'this job' : 'a job before it'}${until}`)
  }
  if (environment.roomBeingMade) {
    const { attempts, expectedAt } = environment.roomBeingMade
    lines.push(`  ${roomBeingMadeText(attempts)}, by ${new Date(expectedAt).toISOString()} at the latest`)
  }
  if (environment.yieldsTo !== undefined) lines.push(`  queue ${environment.yieldsTo} goes first`)
  if (environment.scaling) lines.push(`  scaling: ${environment.scaling}`)
  return lines
}

const standingTexts = { hosts: 'takes jobs', 'no-host': 'no host', disabled: 'disabled' } as const

function shortageText(lacks: readonly Shortage[]): string {
  return lacks
    .map(({ resource, wanted, available }) => `${resource} ${wanted} wanted, ${available} free`)
    .join('; ')
}
