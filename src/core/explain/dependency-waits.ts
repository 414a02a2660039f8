import type { DependencyStanding, Wait } from '../model/explanation.ts'

/** Waits for jobs that are not over as the job demands; one for each, the first few by name. */
export function dependencyWaits(dependencies: readonly DependencyStanding[]): Wait[] {
  return dependencies.filter(({ met }) => !met).map(dependencyWait)
}

function dependencyWait({ jobId, type, status }: DependencyStanding): Wait {
  const state = status ?? 'not known any more'
  return {
    kind: 'DEPENDENCY',
    text: `it waits for job ${jobId}, which is ${state}, ${demands[type ?? ''] ?? 'to succeed'}`,
    remedy: `Ask for the explanation of job ${jobId}; if it is not needed any more, submit this job again without it`,
  }
}

const demands: Record<string, string> = {
  N_TO_N: 'to succeed (N_TO_N: child by child)',
  SEQUENTIAL: 'to succeed (SEQUENTIAL: child after child)',
  AFTER_ANY: 'to end in any way',
  AFTER_FAILURE: 'to fail',
}
