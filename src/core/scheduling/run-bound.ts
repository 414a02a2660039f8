import type { TaskSpec } from '../model/task-spec.ts'

/**
 * For how long after its start an attempt may have its room at most, milliseconds: until its time-out has run out and its
 * containers have had their grace to stop in. Infinity without a time-out.
 */
export function runBoundMs({ timeoutSeconds, containers }: TaskSpec): number {
  return ((timeoutSeconds ?? Number.POSITIVE_INFINITY) + graceSeconds(containers)) * 1000
}

/** The other nodes of a multi-node parallel job are stopped when its main node, which has this spec, is over. */
export function nodeBoundMs(spec: TaskSpec): number {
  return runBoundMs(spec) + graceSeconds(spec.containers) * 1000
}

function graceSeconds(containers: TaskSpec['containers']): number {
  return Math.max(...containers.map(({ stopTimeoutSeconds }) => stopTimeoutSeconds))
}
