import type { AcceptedAttempt } from '../../src/agent/ports.ts'
import type { ContainerSpec } from '../../src/core/model/container-spec.ts'

/** A container spec for `sh -c script`. */
export function aSpec(script: string, members: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    image: 'busybox',
    command: ['sh', '-c', script],
    environment: [],
    resources: { cpuMilli: 1000, memoryMiB: 256, gpus: 0 },
    stopTimeoutSeconds: 30,
    logGroup: '/aws/batch/job',
    logStreamPrefix: 'test/default',
    ...members,
  }
}

/** The id of the n-th attempt of a test. */
export function attemptIdOf(n: number): string {
  return n.toString(16).padStart(32, '0')
}

export function anAttempt(n: number, spec: ContainerSpec, deployment = 'here'): AcceptedAttempt {
  return { attemptId: attemptIdOf(n), spec, environment: { AWS_BATCH_JOB_ATTEMPT: '1' }, deployment }
}
