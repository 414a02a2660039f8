import {
  CreateSchedulingPolicyCommand,
  DeleteComputeEnvironmentCommand,
  DeleteJobQueueCommand,
  DeleteSchedulingPolicyCommand,
  DeregisterJobDefinitionCommand,
  DescribeComputeEnvironmentsCommand,
  DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand,
  DescribeSchedulingPoliciesCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateComputeEnvironmentCommand,
  UpdateJobQueueCommand,
  UpdateSchedulingPolicyCommand,
} from '@aws-sdk/client-batch'
import { describe, expect, it } from 'vitest'
import { definitions, environments, queues } from '../examples/catalogue.ts'
import { environmentUpdates, queueUpdates } from '../examples/updates.ts'

import { arn, definition, environment, inOrder, policyArn, queue } from './described.ts'
import { batch } from './shared-server.ts'

describe('the catalogue, as it is changed', () => {
  it.each(environmentUpdates.map((input, at) => [`${at} of ${input.computeEnvironment!}`, input] as const))(
    'describes a compute environment as update %s leaves it',
    async (_, input) => {
      await batch().send(new UpdateComputeEnvironmentCommand(input))
      const name = input.computeEnvironment!.split('/').at(-1)!
      const { computeEnvironment, computeResources, ...rest } = input
      const { updateToLatestImageVersion, ...resources } = computeResources ?? {}
      const expected = computeResources ? { ...rest, computeResources: resources } : rest
      expect(await environment(name)).toMatchObject({ ...expected, status: 'VALID' })
    },
  )

  it.each(queueUpdates(policyArn('bare')).map((input) => [input.jobQueue!, input] as const))(
    'describes the job queue %s as it was updated',
    async (name, input) => {
      await batch().send(new UpdateJobQueueCommand(input))
      const { jobQueue, ...rest } = input
      expect(await queue(name)).toMatchObject({ ...rest, ...inOrder(input) })
    },
  )

  it('describes a policy as it was updated', async () => {
    const fairsharePolicy = { shareDecaySeconds: 60, computeReservation: 1, shareDistribution: [] }
    await batch().send(new UpdateSchedulingPolicyCommand({ arn: policyArn('bare'), fairsharePolicy }))
    const command = new DescribeSchedulingPoliciesCommand({ arns: [policyArn('bare')] })
    const { schedulingPolicies } = await batch().send(command)
    expect(schedulingPolicies?.[0]).toMatchObject({ fairsharePolicy })
  })

  it.each([
    'compute-environment/ec2',
    'job-queue/hosts',
    'scheduling-policy/full',
    'job-definition/container:1',
    'consumable-resource/licence',
  ])('adds tags to %s and takes them off', async (resource) => {
    const resourceArn = arn(resource)
    const before = (await batch().send(new ListTagsForResourceCommand({ resourceArn }))).tags
    await batch().send(
      new TagResourceCommand({ resourceArn, tags: { added: 'yes', 'with space/=+:@': 'x' } }),
    )
    const tagged = await batch().send(new ListTagsForResourceCommand({ resourceArn }))
    expect(tagged.tags).toEqual({ ...before, added: 'yes', 'with space/=+:@': 'x' })
    await batch().send(
      new UntagResourceCommand({ resourceArn, tagKeys: ['added', 'with space/=+:@', 'none'] }),
    )
    expect((await batch().send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual(before)
  })

  it('keeps a deregistered definition describable, INACTIVE', async () => {
    const jobDefinition = arn('job-definition/fargate:1')
    await batch().send(new DeregisterJobDefinitionCommand({ jobDefinition }))
    expect(await definition(jobDefinition)).toMatchObject({ status: 'INACTIVE' })
    const listed = await batch().send(
      new DescribeJobDefinitionsCommand({ jobDefinitionName: 'fargate', status: 'ACTIVE' }),
    )
    expect(listed.jobDefinitions?.map(({ revision }) => revision)).toEqual([2])
  })

  it('pages through environments, queues and definitions', async () => {
    const [environmentNames, queueNames, definitionNames]: string[][] = [[], [], []]
    let nextToken: string | undefined
    do {
      const page = await batch().send(new DescribeComputeEnvironmentsCommand({ maxResults: 2, nextToken }))
      environmentNames!.push(...page.computeEnvironments!.map((one) => one.computeEnvironmentName!))
      nextToken = page.nextToken
    } while (nextToken)
    do {
      const page = await batch().send(new DescribeJobQueuesCommand({ maxResults: 2, nextToken }))
      queueNames!.push(...page.jobQueues!.map((one) => one.jobQueueName!))
      nextToken = page.nextToken
    } while (nextToken)
    do {
      const page = await batch().send(new DescribeJobDefinitionsCommand({ maxResults: 3, nextToken }))
      definitionNames!.push(...page.jobDefinitions!.map((one) => `${one.jobDefinitionName}:${one.revision}`))
      nextToken = page.nextToken
    } while (nextToken)
    expect(new Set(environmentNames).size).toBe(environmentNames!.length)
    expect(environmentNames).toEqual(
      expect.arrayContaining(environments.map((one) => one.computeEnvironmentName)),
    )
    expect(new Set(queueNames).size).toBe(queueNames!.length)
    expect(queueNames).toEqual(expect.arrayContaining(queues('').map((one) => one.jobQueueName)))
    expect(new Set(definitionNames).size).toBe(definitionNames!.length)
    expect(definitionNames!.length).toBeGreaterThanOrEqual(2 * definitions.length)
  })

  it('deletes what is DISABLED and not in use, and it is gone', async () => {
    await batch().send(new UpdateJobQueueCommand({ jobQueue: 'managed-instances', state: 'DISABLED' }))
    await batch().send(new DeleteJobQueueCommand({ jobQueue: 'managed-instances' }))
    expect(await queue('managed-instances')).toBeUndefined()
    const computeEnvironment = 'managed-instances'
    await batch().send(new UpdateComputeEnvironmentCommand({ computeEnvironment, state: 'DISABLED' }))
    await batch().send(new DeleteComputeEnvironmentCommand({ computeEnvironment }))
    expect(await environment(computeEnvironment)).toBeUndefined()
    const { arn: spare } = await batch().send(
      new CreateSchedulingPolicyCommand({ name: 'spare', fairsharePolicy: {} }),
    )
    await batch().send(new DeleteSchedulingPolicyCommand({ arn: spare }))
    const { schedulingPolicies } = await batch().send(
      new DescribeSchedulingPoliciesCommand({ arns: [spare!] }),
    )
    expect(schedulingPolicies).toEqual([])
  })
})
