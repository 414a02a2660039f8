import { describe, expect, it } from 'vitest'
import {
  refuseEnvironmentOrder,
  refusePolicyChange,
  refusePolicyKind,
  refuseQueueDelete,
  refuseSchedulingSettings,
} from '../../../src/core/lifecycle/queue-lifecycle.ts'
import {
  architectureOf,
  type ComputeResources,
  type EnvironmentBody,
} from '../../../src/core/model/environment.ts'

function environment(type: ComputeResources['type'], instanceTypes?: string[]): EnvironmentBody {
  const members = instanceTypes ? { instanceTypes } : {}
  return { type: 'MANAGED', state: 'ENABLED', computeResources: { type, maxvCpus: 1, ...members } }
}
const unmanaged: EnvironmentBody = { type: 'UNMANAGED', state: 'ENABLED' }

describe('refuseEnvironmentOrder', () => {
  it.each<[string, EnvironmentBody[], string | undefined]>([
    ['EC2, SPOT and hosts of people', [environment('EC2'), environment('SPOT'), unmanaged], 'ECS'],
    ['both kinds of Fargate', [environment('FARGATE'), environment('FARGATE_SPOT')], 'ECS_FARGATE'],
    ['managed instances', [environment('ECS_MANAGED_INSTANCES')], 'ECS_MANAGED_INSTANCES'],
    [
      'one architecture',
      [environment('EC2', ['m5', 'optimal']), environment('SPOT', ['c6i.large'])],
      undefined,
    ],
    ['a cluster', [{ ...environment('EC2'), eksConfiguration: {} }], 'EKS'],
  ])('takes %s', (_, environments, type) => {
    expect(refuseEnvironmentOrder(environments, type)).toBeUndefined()
  })

  it.each<[string, EnvironmentBody[], string | undefined, string]>([
    [
      'EC2 with Fargate',
      [environment('EC2'), environment('FARGATE')],
      undefined,
      'EC2, FARGATE) cannot be mixed',
    ],
    [
      'two architectures',
      [environment('EC2', ['m5']), environment('EC2', ['m7g'])],
      undefined,
      'one architecture',
    ],
    ['another type of queue', [unmanaged], 'ECS_FARGATE', 'jobQueueType: ECS_FARGATE does not fit'],
  ])('refuses %s', (_, environments, type, message) => {
    expect(refuseEnvironmentOrder(environments, type)).toContain(message)
  })
})

describe('a queue', () => {
  it('may exchange its policy, but neither gain nor lose one', () => {
    expect(refusePolicyChange('arn:a', 'arn:b')).toBeUndefined()
    expect(refusePolicyChange(undefined, '')).toBeUndefined()
    expect(refusePolicyChange(undefined, 'arn:b')).toContain('cannot be given a scheduling policy')
    expect(refusePolicyChange('arn:a', '')).toContain('replaced but not removed')
  })

  it('of compute environments takes no quota shares', () => {
    expect(refusePolicyKind({ quotaSharePolicy: { idleResourceAssignmentStrategy: 'FIFO' } })).toContain(
      'quota-share',
    )
    expect(refusePolicyKind({})).toBeUndefined()
  })

  it('reclaims between shares only where it has some', () => {
    expect(refuseSchedulingSettings({ preemption: ['LOWER_QUEUES', 'SHARES'] }, 'arn:a')).toBeUndefined()
    expect(
      refuseSchedulingSettings({ blockedHead: 'STRICT', limits: { gpus: 1 } }, undefined),
    ).toBeUndefined()
    expect(refuseSchedulingSettings({ preemption: ['LOWER_QUEUES'] }, undefined)).toBeUndefined()
    expect(refuseSchedulingSettings({ preemption: ['SHARES'] }, undefined)).toContain(
      'schedulingSettings.preemption: SHARES',
    )
  })

  it('is deleted DISABLED only', () => {
    expect(refuseQueueDelete('DISABLED')).toBeUndefined()
    expect(refuseQueueDelete('ENABLED')).toBe('Cannot delete, state must be DISABLED')
  })
})

describe('architectureOf', () => {
  it.each(['a1.large', 'm6g', 'c7gn.large', 'g5g.xlarge', 'x2gd', 'im4gn.large', 'hpc7g', 'default_arm64'])(
    '%s is ARM64',
    (type) => {
      expect(architectureOf(type)).toBe('ARM64')
    },
  )

  it.each(['m5', 'g4dn.xlarge', 'p4d.24xlarge', 'optimal', 'default_x86_64', 'trn1.2xlarge'])(
    '%s is X86_64',
    (type) => {
      expect(architectureOf(type)).toBe('X86_64')
    },
  )
})
