import { describe, expect, it } from 'vitest'
import {
  createdEnvironment,
  type EnvironmentChange,
  refuseEnvironmentDelete,
  updatedEnvironment,
} from '../../../src/core/lifecycle/environment-lifecycle.ts'
import type { ComputeResources, EnvironmentBody } from '../../../src/core/model/environment.ts'

const network = { subnets: ['subnet-1'], securityGroupIds: ['sg-1'] }
const ec2 = { type: 'EC2', maxvCpus: 16, instanceTypes: ['optimal'], ...network } as const
const fargate = { type: 'FARGATE', maxvCpus: 16, ...network } as const
const managedInstances = {
  type: 'ECS_MANAGED_INSTANCES',
  maxvCpus: 16,
  managedInstancesProvider: { infrastructureRoleArn: 'role', instanceLaunchTemplate: { a: 1, b: 2 } },
} as const
const eksConfiguration = { eksClusterArn: 'arn', kubernetesNamespace: 'batch' }

function managed(computeResources: object, members: Partial<EnvironmentBody> = {}): EnvironmentBody {
  const body = { type: 'MANAGED', state: 'ENABLED', ...members } as const
  return { ...body, computeResources: computeResources as ComputeResources }
}

function refusal(body: EnvironmentBody): string | undefined {
  const outcome = createdEnvironment(body)
  return outcome.ok ? undefined : outcome.refusal.message
}

function update(body: EnvironmentBody, change: EnvironmentChange) {
  const outcome = updatedEnvironment(
    { number: 1, name: 'e', uuid: 'u', createdAt: 0, leaseMs: 600_000, body },
    change,
  )
  return outcome.ok ? outcome.value : outcome.refusal.message
}

describe('createdEnvironment', () => {
  it('fills in the vCPUs that the API shows of EC2 and SPOT', () => {
    expect(createdEnvironment(managed(ec2))).toEqual({
      ok: true,
      value: managed({ ...ec2, minvCpus: 0, desiredvCpus: 0 }),
    })
    expect(createdEnvironment(managed({ ...ec2, minvCpus: 2 }))).toMatchObject({
      value: { computeResources: { minvCpus: 2, desiredvCpus: 2 } },
    })
  })

  it.each([fargate, { ...fargate, type: 'FARGATE_SPOT' }, managedInstances])(
    'keeps %j as sent',
    (resources) => {
      expect(createdEnvironment(managed(resources))).toEqual({ ok: true, value: managed(resources) })
    },
  )

  it('keeps an EKS environment', () => {
    expect(refusal(managed(ec2, { eksConfiguration }))).toBeUndefined()
  })

  it('drops the compute resources of an UNMANAGED one', () => {
    expect(createdEnvironment({ ...managed({}), type: 'UNMANAGED', unmanagedvCpus: 4 })).toEqual({
      ok: true,
      value: { type: 'UNMANAGED', state: 'ENABLED', unmanagedvCpus: 4 },
    })
  })

  it.each<[object, Partial<EnvironmentBody>, string]>([
    [{ ...fargate, desiredvCpus: 1 }, {}, 'desiredvCpus is not applicable for Fargate.'],
    [{ ...fargate, minvCpus: 0 }, {}, 'minvCpus is not applicable for Fargate.'],
    [{ ...fargate, tags: { a: 'b' } }, {}, 'tags is not applicable for Fargate.'],
    [{ ...fargate, subnets: [] }, {}, 'computeResources.subnets: must have 1 to 16 entries'],
    [{ ...fargate, securityGroupIds: Array(6).fill('sg') }, {}, 'computeResources.securityGroupIds: must'],
    [{ ...managedInstances, subnets: ['s'] }, {}, 'subnets is not applicable for ECS Managed Instances.'],
    [{ ...managedInstances, managedInstancesProvider: undefined }, {}, 'managedInstancesProvider: required'],
    [{ ...ec2, managedInstancesProvider: { a: 1 } }, {}, 'managedInstancesProvider: applies to ECS_MANAGED'],
    [{ ...ec2, subnets: undefined }, {}, 'computeResources.subnets: required'],
    [{ ...ec2, minvCpus: 17 }, {}, 'computeResources.minvCpus: must be at most maxvCpus'],
    [{ ...ec2, minvCpus: 2, desiredvCpus: 1 }, {}, 'computeResources.desiredvCpus: must be from minvCpus'],
    [{ ...ec2, instanceTypes: ['m5', 'm6g.large'] }, {}, 'must be of one architecture'],
    [{ ...ec2, allocationStrategy: 'SPOT_CAPACITY_OPTIMIZED' }, {}, 'applies to SPOT only'],
    [{ ...ec2, type: 'SPOT' }, {}, 'computeResources.spotIamFleetRole: required'],
    [{ ...ec2, ec2Configuration: [{ imageType: 'EKS_AL2' }] }, {}, 'EKS_AL2 does not run on ECS'],
    [{ ...ec2, allocationStrategy: 'BEST_FIT' }, { eksConfiguration }, 'BEST_FIT cannot be used on an EKS'],
    [fargate, { eksConfiguration }, 'computeResources.type: FARGATE cannot run on an EKS cluster'],
    [
      ec2,
      { eksConfiguration: { ...eksConfiguration, kubernetesNamespace: 'kube-x' } },
      'kubernetesNamespace: must',
    ],
    [ec2, { unmanagedvCpus: 1 }, 'unmanagedvCpus: applies to UNMANAGED'],
  ])('refuses %j %j', (resources, members, message) => {
    expect(refusal(managed(resources, members))).toContain(message)
  })

  it('refuses a MANAGED one without compute resources, and an UNMANAGED EKS one', () => {
    expect(refusal({ type: 'MANAGED', state: 'ENABLED' })).toContain('computeResources: required')
    expect(refusal({ type: 'UNMANAGED', state: 'ENABLED', eksConfiguration })).toContain('must be MANAGED')
  })
})

describe('updatedEnvironment', () => {
  const now = managed({ ...ec2, minvCpus: 0, desiredvCpus: 4, allocationStrategy: 'BEST_FIT_PROGRESSIVE' })
  const resources = now.computeResources!
  const bestFit = managed({ ...resources, allocationStrategy: undefined })

  it('changes state and size', () => {
    expect(update(now, { state: 'DISABLED', computeResources: { maxvCpus: 32, desiredvCpus: 8 } })).toEqual({
      ...now,
      state: 'DISABLED',
      computeResources: { ...resources, maxvCpus: 32, desiredvCpus: 8 },
    })
  })

  it('moves desired vCPUs with their bounds', () => {
    expect(update(now, { computeResources: { minvCpus: 6 } })).toMatchObject({
      computeResources: { minvCpus: 6, desiredvCpus: 6 },
    })
    expect(update(now, { computeResources: { maxvCpus: 2 } })).toMatchObject({
      computeResources: { maxvCpus: 2, desiredvCpus: 2 },
    })
  })

  it('takes away what is set to an empty text', () => {
    const template = { launchTemplateName: 'l' }
    const withKey = managed({ ...resources, ec2KeyPair: 'key', launchTemplate: template })
    const change = { ec2KeyPair: '', launchTemplate: { launchTemplateName: '' } }
    expect(update(withKey, { computeResources: change })).toEqual(now)
  })

  it('fills in the policy of updates', () => {
    expect(update(now, { updatePolicy: { terminateJobsOnUpdate: true } })).toEqual({
      ...now,
      updatePolicy: { terminateJobsOnUpdate: true, jobExecutionTimeoutMinutes: 30 },
    })
  })

  it('changes the infrastructure, and of managed instances a member of a member', () => {
    expect(update(now, { computeResources: { instanceTypes: ['c5'] } })).toMatchObject({
      computeResources: { instanceTypes: ['c5'] },
    })
    const provider = { instanceLaunchTemplate: { b: 3 } }
    expect(
      update(managed(managedInstances), { computeResources: { managedInstancesProvider: provider } }),
    ).toMatchObject({
      computeResources: {
        managedInstancesProvider: { infrastructureRoleArn: 'role', instanceLaunchTemplate: { a: 1, b: 3 } },
      },
    })
  })

  it('may repeat what is so already', () => {
    expect(update(bestFit, { computeResources: { instanceTypes: ['optimal'], type: 'EC2' } })).toEqual(
      bestFit,
    )
  })

  it.each<[string, EnvironmentBody, EnvironmentChange, string]>([
    [
      'fewer vCPUs',
      now,
      { computeResources: { desiredvCpus: 3 } },
      'Manually scaling down compute environment',
    ],
    ['infrastructure under BEST_FIT', bestFit, { computeResources: { instanceTypes: ['c5'] } }, 'BEST_FIT'],
    [
      'a new image under BEST_FIT',
      bestFit,
      { computeResources: { updateToLatestImageVersion: true } },
      'BEST_FIT',
    ],
    [
      'infrastructure under a role of its own',
      { ...now, serviceRole: 'arn:aws:iam::1:role/mine' },
      { computeResources: { instanceTypes: ['c5'] } },
      'AWSServiceRoleForBatch',
    ],
    [
      'vCPUs wanted of Fargate',
      managed(fargate),
      { computeResources: { desiredvCpus: 3 } },
      'desiredvCpus is not applicable for Fargate.',
    ],
    [
      'another kind',
      managed(fargate),
      { computeResources: { type: 'EC2' } },
      'computeResources.type: cannot be changed',
    ],
    ['managed instances', now, { computeResources: { type: 'ECS_MANAGED_INSTANCES' } }, 'cannot be changed'],
    ['bounds that cross', now, { computeResources: { minvCpus: 20 } }, 'minvCpus: must be at most maxvCpus'],
    [
      'another lease',
      now,
      { context: '{"longshore.leaseSeconds":5}' },
      'longshore.leaseSeconds cannot be changed',
    ],
  ])('refuses %s', (_, body, change, message) => {
    expect(update(body, change)).toContain(message)
  })
})

describe('refuseEnvironmentDelete', () => {
  it('wants it DISABLED and without queues', () => {
    const body = managed(ec2)
    expect(refuseEnvironmentDelete({ ...body, state: 'DISABLED' }, 0)).toBeUndefined()
    expect(refuseEnvironmentDelete(body, 0)).toBe('Cannot delete, state must be DISABLED')
    expect(refuseEnvironmentDelete(body, 1)).toBe('Cannot delete, found existing JobQueue relationship')
  })
})
