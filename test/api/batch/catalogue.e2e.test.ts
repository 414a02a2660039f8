import {
  CreateComputeEnvironmentCommand,
  type CreateComputeEnvironmentCommandInput,
  CreateJobQueueCommand,
  CreateSchedulingPolicyCommand,
  DeleteComputeEnvironmentCommand,
  DeleteJobQueueCommand,
  DeleteSchedulingPolicyCommand,
  DeregisterJobDefinitionCommand,
  DescribeComputeEnvironmentsCommand,
  DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand,
  DescribeJobsCommand,
  DescribeSchedulingPoliciesCommand,
  ListJobsCommand,
  ListSchedulingPoliciesCommand,
  ListTagsForResourceCommand,
  RegisterJobDefinitionCommand,
  SubmitJobCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateComputeEnvironmentCommand,
  UpdateJobQueueCommand,
  UpdateSchedulingPolicyCommand,
} from '@aws-sdk/client-batch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer } from '../../support/server.ts'

let server: Awaited<ReturnType<typeof startServer>>

beforeAll(async () => {
  server = await startServer({ agent: false })
})

afterAll(() => server?.stop())

const network = { subnets: ['subnet-1'], securityGroupIds: ['sg-1'] }
const containerProperties = { image: 'a', command: ['true'], vcpus: 1, memory: 4 }
const serviceRole = expect.stringMatching(/^arn:aws:iam::\d+:role\/.*AWSServiceRoleForBatch$/)

async function environment(computeEnvironment: string) {
  const command = new DescribeComputeEnvironmentsCommand({ computeEnvironments: [computeEnvironment] })
  return (await server.batch.send(command)).computeEnvironments?.[0]
}

async function queue(jobQueue: string) {
  const command = new DescribeJobQueuesCommand({ jobQueues: [jobQueue] })
  return (await server.batch.send(command)).jobQueues?.[0]
}

async function unmanaged(computeEnvironmentName: string): Promise<string> {
  const input = { computeEnvironmentName, type: 'UNMANAGED' } as const
  return (await server.batch.send(new CreateComputeEnvironmentCommand(input))).computeEnvironmentArn!
}

async function newQueue(jobQueueName: string, computeEnvironment: string, members: object = {}) {
  const computeEnvironmentOrder = [{ order: 1, computeEnvironment }]
  const input = { jobQueueName, priority: 1, computeEnvironmentOrder, ...members }
  return (await server.batch.send(new CreateJobQueueCommand(input))).jobQueueArn!
}

function refusal(message: string) {
  return expect.objectContaining({ name: 'ClientException', message: expect.stringContaining(message) })
}

/** What AWS shows of an environment besides what was sent. */
const shown = {
  status: 'VALID',
  statusReason: 'ComputeEnvironment Healthy',
  uuid: expect.any(String),
  tags: {},
}

describe('compute environments', () => {
  const vCpus = { minvCpus: 0, desiredvCpus: 0 }
  const provider = {
    infrastructureRoleArn: 'arn:aws:iam::1:role/r',
    instanceLaunchTemplate: {
      ec2InstanceProfileArn: 'arn:aws:iam::1:instance-profile/p',
      networkConfiguration: { subnets: ['s'], securityGroups: ['g'] },
    },
  }
  const eksConfiguration = {
    eksClusterArn: 'arn:aws:eks:us-east-1:1:cluster/c',
    kubernetesNamespace: 'batch',
  }
  it.each<[string, Omit<CreateComputeEnvironmentCommandInput, 'computeEnvironmentName' | 'type'>, object]>([
    [
      'ec2',
      { computeResources: { type: 'EC2', maxvCpus: 4, instanceTypes: ['optimal'], ...network } },
      vCpus,
    ],
    [
      'spot',
      {
        computeResources: {
          type: 'SPOT',
          maxvCpus: 4,
          allocationStrategy: 'SPOT_PRICE_CAPACITY_OPTIMIZED',
          bidPercentage: 60,
          ec2Configuration: [{ imageType: 'ECS_AL2023' }],
          launchTemplate: { launchTemplateName: 'l', version: '$Latest' },
          tags: { Name: 'host' },
          ...network,
        },
      },
      vCpus,
    ],
    ['fargate', { computeResources: { type: 'FARGATE', maxvCpus: 4, ...network } }, {}],
    ['fargate-spot', { computeResources: { type: 'FARGATE_SPOT', maxvCpus: 4, ...network } }, {}],
    [
      'managed-instances',
      {
        computeResources: { type: 'ECS_MANAGED_INSTANCES', maxvCpus: 4, managedInstancesProvider: provider },
      },
      {},
    ],
  ])('of kind %s describe as they were created', async (computeEnvironmentName, members, defaults) => {
    const input = { computeEnvironmentName, type: 'MANAGED', ...members } as const
    const { computeEnvironmentArn } = await server.batch.send(new CreateComputeEnvironmentCommand(input))
    expect(await environment(computeEnvironmentArn!)).toEqual({
      ...input,
      ...shown,
      computeEnvironmentArn,
      state: 'ENABLED',
      serviceRole,
      containerOrchestrationType: 'ECS',
      ecsClusterArn: expect.stringContaining(`:cluster/${computeEnvironmentName}`),
      computeResources: { ...members.computeResources, ...defaults },
    })
  })

  it('on an EKS cluster describe without one of ECS', async () => {
    const computeResources = { type: 'EC2' as const, maxvCpus: 4, instanceTypes: ['m5'], ...network }
    const input = {
      computeEnvironmentName: 'eks',
      type: 'MANAGED' as const,
      computeResources,
      eksConfiguration,
    }
    await server.batch.send(new CreateComputeEnvironmentCommand(input))
    const described = await environment('eks')
    expect(described).toMatchObject({ eksConfiguration, containerOrchestrationType: 'EKS' })
    expect(described?.ecsClusterArn).toBeUndefined()
  })

  it('are updated, disabled and deleted', async () => {
    const computeEnvironment = 'ec2'
    const computeResources = { maxvCpus: 8, desiredvCpus: 2 }
    const updatePolicy = { jobExecutionTimeoutMinutes: 5 }
    await server.batch.send(
      new UpdateComputeEnvironmentCommand({
        computeEnvironment,
        computeResources,
        updatePolicy,
        state: 'DISABLED',
      }),
    )
    expect(await environment(computeEnvironment)).toMatchObject({
      state: 'DISABLED',
      status: 'VALID',
      computeResources: { type: 'EC2', minvCpus: 0, instanceTypes: ['optimal'], ...computeResources },
      updatePolicy: { terminateJobsOnUpdate: false, jobExecutionTimeoutMinutes: 5 },
    })
    await server.batch.send(new DeleteComputeEnvironmentCommand({ computeEnvironment }))
    expect(await environment(computeEnvironment)).toBeUndefined()
    await expect(
      server.batch.send(new DeleteComputeEnvironmentCommand({ computeEnvironment })),
    ).rejects.toEqual(refusal('compute environment ec2 does not exist'))
  })

  it.each([
    ['fargate', { computeResources: { desiredvCpus: 1 } }, 'desiredvCpus is not applicable for Fargate.'],
    ['nowhere', { state: 'DISABLED' }, 'compute environment nowhere does not exist'],
    ['fargate', { computeResources: { maxvCpus: -1 } }, 'computeResources.maxvCpus: must be at least 0'],
  ] as const)('refuse to change %s by %j', async (computeEnvironment, change, message) => {
    const command = new UpdateComputeEnvironmentCommand({ computeEnvironment, ...change })
    await expect(server.batch.send(command)).rejects.toEqual(refusal(message))
  })

  it('are not deleted while a queue has them or they are ENABLED', async () => {
    const computeEnvironment = await unmanaged('kept')
    const remove = () => server.batch.send(new DeleteComputeEnvironmentCommand({ computeEnvironment }))
    await expect(remove()).rejects.toEqual(refusal('Cannot delete, state must be DISABLED'))
    await newQueue('keeper', computeEnvironment)
    await expect(remove()).rejects.toEqual(refusal('Cannot delete, found existing JobQueue relationship'))
  })
})

describe('job queues', () => {
  it('are updated with what is sent and nothing else', async () => {
    const [first, second] = [await unmanaged('first'), await unmanaged('second')]
    const jobStateTimeLimitActions = [
      {
        reason: 'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT',
        state: 'RUNNABLE',
        maxTimeSeconds: 600,
        action: 'CANCEL',
      },
    ] as const
    const jobQueue = await newQueue('updated', first, { tags: { a: 'b' } })
    const computeEnvironmentOrder = [
      { order: 3, computeEnvironment: second },
      { order: 9, computeEnvironment: first },
    ]
    const before = await queue(jobQueue)
    await server.batch.send(new UpdateJobQueueCommand({ jobQueue, priority: 5, computeEnvironmentOrder }))
    await server.batch.send(
      new UpdateJobQueueCommand({ jobQueue, jobStateTimeLimitActions: [...jobStateTimeLimitActions] }),
    )
    expect(await queue(jobQueue)).toEqual({
      ...before,
      priority: 5,
      computeEnvironmentOrder,
      jobStateTimeLimitActions,
    })
  })

  it('give up their name when they are deleted, and keep their jobs', async () => {
    const computeEnvironment = await unmanaged('of-deleted')
    await newQueue('deleted', computeEnvironment)
    const { jobDefinitionArn } = await server.batch.send(
      new RegisterJobDefinitionCommand({
        jobDefinitionName: 'waits',
        type: 'container',
        containerProperties,
      }),
    )
    const submit = () =>
      server.batch.send(
        new SubmitJobCommand({ jobName: 'j', jobQueue: 'deleted', jobDefinition: jobDefinitionArn }),
      )
    const { jobId } = await submit()
    const job = async () => (await server.batch.send(new DescribeJobsCommand({ jobs: [jobId!] }))).jobs?.[0]
    await expect.poll(async () => (await job())?.statusReason).toContain('No host is connected')
    const remove = () => server.batch.send(new DeleteJobQueueCommand({ jobQueue: 'deleted' }))
    await expect(remove()).rejects.toEqual(refusal('Cannot delete, state must be DISABLED'))
    await server.batch.send(new UpdateJobQueueCommand({ jobQueue: 'deleted', state: 'DISABLED' }))
    await expect(submit()).rejects.toEqual(refusal('DISABLED'))
    await remove()
    expect(await queue('deleted')).toBeUndefined()
    await expect(submit()).rejects.toEqual(refusal('does not exist'))
    await expect(remove()).rejects.toEqual(refusal('does not exist'))
    await expect.poll(job).toMatchObject({ status: 'FAILED', statusReason: 'Job queue deleted' })
    await newQueue('deleted', computeEnvironment)
    const { jobId: next } = await submit()
    const list = new ListJobsCommand({ jobQueue: 'deleted', jobStatus: 'RUNNABLE' })
    expect((await server.batch.send(list)).jobSummaryList).toMatchObject([{ jobId: next }])
  })

  it('refuse jobs of a definition for another platform', async () => {
    const jobQueue = await newQueue('of-fargate', 'fargate')
    await server.batch.send(
      new RegisterJobDefinitionCommand({ jobDefinitionName: 'ec2', type: 'container', containerProperties }),
    )
    await expect(
      server.batch.send(new SubmitJobCommand({ jobName: 'j', jobQueue, jobDefinition: 'ec2' })),
    ).rejects.toEqual(
      refusal('Job Queue is attached to Compute Environment that can not run Jobs with capability EC2.'),
    )
    await expect(newQueue('mixed', 'fargate', { jobQueueType: 'ECS' })).rejects.toEqual(
      refusal('jobQueueType'),
    )
  })
})

describe('scheduling policies', () => {
  it('are made, described, listed, attached, changed and deleted', async () => {
    const fairsharePolicy = {
      shareDecaySeconds: 3600,
      computeReservation: 10,
      shareDistribution: [{ shareIdentifier: 'a*', weightFactor: 0.5 }, { shareIdentifier: 'b' }],
    }
    const { arn, name } = await server.batch.send(
      new CreateSchedulingPolicyCommand({ name: 'fair', fairsharePolicy, tags: { a: 'b' } }),
    )
    const describePolicy = async () =>
      (await server.batch.send(new DescribeSchedulingPoliciesCommand({ arns: [arn!] }))).schedulingPolicies
    expect(await describePolicy()).toEqual([{ arn, name, fairsharePolicy, tags: { a: 'b' } }])
    const listed = await server.batch.send(new ListSchedulingPoliciesCommand({ maxResults: 1 }))
    expect(listed).toMatchObject({ schedulingPolicies: [{ arn }] })
    const jobQueue = await newQueue('fair', await unmanaged('of-fair'), { schedulingPolicyArn: arn })
    expect(await queue(jobQueue)).toMatchObject({ schedulingPolicyArn: arn })
    await server.batch.send(
      new UpdateSchedulingPolicyCommand({ arn, fairsharePolicy: { computeReservation: 1 } }),
    )
    expect(await describePolicy()).toMatchObject([{ fairsharePolicy: { computeReservation: 1 } }])
    const remove = () => server.batch.send(new DeleteSchedulingPolicyCommand({ arn }))
    await expect(remove()).rejects.toEqual(refusal('found existing JobQueue relationship'))
    await server.batch.send(new UpdateJobQueueCommand({ jobQueue, state: 'DISABLED' }))
    await server.batch.send(new DeleteJobQueueCommand({ jobQueue }))
    await remove()
    expect(await describePolicy()).toEqual([])
    await expect(remove()).rejects.toEqual(refusal('does not exist'))
  })

  it('demand a share of every job', async () => {
    const { arn } = await server.batch.send(new CreateSchedulingPolicyCommand({ name: 'bare' }))
    const jobQueue = await newQueue('bare', await unmanaged('of-bare'), { schedulingPolicyArn: arn })
    const jobDefinition = 'shared'
    await server.batch.send(
      new RegisterJobDefinitionCommand({
        jobDefinitionName: jobDefinition,
        type: 'container',
        containerProperties,
      }),
    )
    const job = { jobName: 'j', jobQueue, jobDefinition }
    await expect(server.batch.send(new SubmitJobCommand(job))).rejects.toEqual(refusal('shareIdentifier'))
    await server.batch.send(
      new SubmitJobCommand({ ...job, shareIdentifier: 'a', schedulingPriorityOverride: 3 }),
    )
    await expect(newQueue('p', 'of-bare', { schedulingPolicyArn: `${arn}x` })).rejects.toEqual(
      refusal('does not exist'),
    )
  })
})

describe('job definitions', () => {
  it('that are deregistered stay INACTIVE, with their tags, and their jobs stay', async () => {
    const input = {
      jobDefinitionName: 'old',
      type: 'container',
      containerProperties,
      tags: { a: 'b' },
    } as const
    for (let i = 0; i < 2; i++) await server.batch.send(new RegisterJobDefinitionCommand(input))
    const jobQueue = await newQueue('of-old', await unmanaged('of-old'))
    await server.batch.send(new SubmitJobCommand({ jobName: 'j', jobQueue, jobDefinition: 'old:1' }))
    await server.batch.send(new DeregisterJobDefinitionCommand({ jobDefinition: 'old:1' }))
    const described = async (members: object) =>
      (await server.batch.send(new DescribeJobDefinitionsCommand(members))).jobDefinitions
    const arns = (await described({ jobDefinitionName: 'old' }))?.map(
      ({ jobDefinitionArn }) => jobDefinitionArn,
    )
    expect(await described({ jobDefinitions: [arns![0]] })).toMatchObject([
      { revision: 1, status: 'INACTIVE', tags: { a: 'b' }, containerProperties },
    ])
    expect(await described({ jobDefinitionName: 'old', status: 'ACTIVE' })).toMatchObject([{ revision: 2 }])
    const page = await server.batch.send(
      new DescribeJobDefinitionsCommand({ jobDefinitionName: 'old', maxResults: 1 }),
    )
    expect(page).toMatchObject({ jobDefinitions: [{ revision: 1 }], nextToken: expect.any(String) })
    await expect(
      server.batch.send(new SubmitJobCommand({ jobName: 'j', jobQueue, jobDefinition: 'old:1' })),
    ).rejects.toEqual(refusal('not ACTIVE'))
    await expect(
      server.batch.send(new DeregisterJobDefinitionCommand({ jobDefinition: 'old:7' })),
    ).rejects.toEqual(refusal('old:7 does not exist'))
  })
})

describe('tags', () => {
  it('are listed, merged and removed on every kind of resource', async () => {
    const computeEnvironment = await unmanaged('tagged')
    const jobQueue = await newQueue('tagged', computeEnvironment)
    const { arn } = await server.batch.send(new CreateSchedulingPolicyCommand({ name: 'tagged' }))
    const { jobDefinitionArn } = await server.batch.send(
      new RegisterJobDefinitionCommand({
        jobDefinitionName: 'tagged',
        type: 'container',
        containerProperties,
      }),
    )
    const { jobArn } = await server.batch.send(
      new SubmitJobCommand({ jobName: 'j', jobQueue, jobDefinition: 'tagged' }),
    )
    for (const resourceArn of [computeEnvironment, jobQueue, arn, jobDefinitionArn, jobArn]) {
      await server.batch.send(new TagResourceCommand({ resourceArn, tags: { a: '1', 'b/ä': '2' } }))
      await server.batch.send(new TagResourceCommand({ resourceArn, tags: { a: '3', c: '', d: '' } }))
      await server.batch.send(new UntagResourceCommand({ resourceArn, tagKeys: ['c', 'd', 'x'] }))
      const { tags } = await server.batch.send(new ListTagsForResourceCommand({ resourceArn }))
      expect(tags).toEqual({ a: '3', 'b/ä': '2' })
    }
    const jobs = [jobArn!.split('/')[1]!]
    expect((await server.batch.send(new DescribeJobsCommand({ jobs }))).jobs).toMatchObject([
      { tags: { a: '3' } },
    ])
    expect((await environment('tagged'))?.tags).toEqual({ a: '3', 'b/ä': '2' })
  })

  it.each([
    ['queue/x', 'does not exist'],
    ['job-queue/x', 'does not exist'],
    ['job/8c8f1d1c-0000-8000-8000-000000000000', 'does not exist'],
    ['job-definition/tagged', 'does not exist or cannot have tags'],
  ])('are refused of %s', async (resource, message) => {
    const jobQueueArn = (await queue('tagged'))!.jobQueueArn!
    const resourceArn = jobQueueArn.replace('job-queue/tagged', resource)
    await expect(server.batch.send(new ListTagsForResourceCommand({ resourceArn }))).rejects.toEqual(
      refusal(message),
    )
    await expect(
      server.batch.send(new TagResourceCommand({ resourceArn: jobQueueArn, tags: { 'aws:a': '' } })),
    ).rejects.toEqual(refusal('reserved'))
    await expect(
      server.batch.send(new TagResourceCommand({ resourceArn: 'tagged', tags: { a: '' } })),
    ).rejects.toEqual(refusal('resourceArn: must be the ARN'))
  })
})
