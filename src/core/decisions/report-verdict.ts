import type { AttemptEnd } from '../lifecycle/job-lifecycle.ts'
import type { HostReport } from '../model/attempt.ts'
import type { Where } from '../model/progress.ts'

/**
 * What the environment is to do about an attempt it reported: nothing, drop its placement (`settled`), or have it
 * stopped because it must not run.
 */
export type ReportVerdict = { kind: 'noted' } | { kind: 'settled' } | { kind: 'stop'; reason: string }

/** The verdict on an attempt that is not the one in progress. */
export function superseded(report: HostReport): ReportVerdict {
  return report.kind === 'started'
    ? { kind: 'stop', reason: 'The job has ended or its attempt was superseded' }
    : { kind: 'settled' }
}

/** Where a report says that its attempt is or was; `known`: what was known of it. */
export function reportedPlace(environment: number, report: HostReport, known: Where | undefined): Where {
  const runtime = 'runtime' in report ? report.runtime : undefined
  return { environment, instanceId: report.instanceId, runtime: runtime ?? known?.runtime ?? 'docker' }
}

/** The address of the host that reports, for nodes of multi-node parallel jobs. */
export function reportedAddress(
  report: HostReport,
  known: Where | undefined,
): Pick<Where, 'privateIpv4Address'> {
  const reported = 'privateIpv4Address' in report ? report.privateIpv4Address : undefined
  const privateIpv4Address = reported ?? known?.privateIpv4Address
  return privateIpv4Address === undefined ? {} : { privateIpv4Address }
}

/** The end that a report tells of. */
export function reportedEnd(report: HostReport & { kind: 'ended' | 'host-lost' | 'absent' }): AttemptEnd {
  const preempted = report.preempted === undefined ? {} : { preempted: report.preempted }
  if (report.kind !== 'ended') return { cause: 'host-lost', stoppedAt: report.at, ...preempted }
  const { cause, startedAt, stoppedAt, exitCode, reason, containers } = report
  return {
    cause,
    stoppedAt,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason }),
    ...(containers === undefined ? {} : { containers }),
    ...preempted,
  }
}
