import {
  CreateComputeEnvironmentCommand,
  CreateJobQueueCommand,
  CreateSchedulingPolicyCommand,
  DescribeSchedulingPoliciesCommand,
  ListSchedulingPoliciesCommand,
  RegisterJobDefinitionCommand,
} from '@aws-sdk/client-batch'
import { describe, expect, it } from 'vitest'
import { definitions, environments, policies, queues } from '../examples/catalogue.ts'

import { arn, definition, environment, inOrder, policyArn, queue } from './described.ts'
import { batch } from './shared-server.ts'

describe('the catalogue, as it is made', () => {
  it.each(environments.map((input) => [input.computeEnvironmentName!, input] as const))(
    'describes the compute environment %s as it was created',
    async (name, input) => {
      const created = await batch().send(new CreateComputeEnvironmentCommand(input))
      expect(created).toMatchObject({
        computeEnvironmentName: name,
        computeEnvironmentArn: arn(`compute-environment/${name}`),
      })
      expect(await environment(name)).toMatchObject(input)
    },
  )

  it.each(policies.map((input) => [input.name!, input] as const))(
    'describes the scheduling policy %s as it was created',
    async (name, input) => {
      expect(await batch().send(new CreateSchedulingPolicyCommand(input))).toMatchObject({
        name,
        arn: policyArn(name),
      })
      const described = await batch().send(new DescribeSchedulingPoliciesCommand({ arns: [policyArn(name)] }))
      expect(described.schedulingPolicies).toEqual([
        expect.objectContaining({ ...input, arn: policyArn(name) }),
      ])
    },
  )

  it('lists policies by their ARNs, a page at a time', async () => {
    const first = await batch().send(new ListSchedulingPoliciesCommand({ maxResults: 1 }))
    const { nextToken } = first
    const rest = await batch().send(new ListSchedulingPoliciesCommand({ nextToken }))
    const found = [...first.schedulingPolicies!, ...rest.schedulingPolicies!].map((one) => one.arn)
    expect(found.sort()).toEqual(policies.map(({ name }) => policyArn(name!)).sort())
  })

  it.each(queues(policyArn('full')).map((input) => [input.jobQueueName!, input] as const))(
    'describes the job queue %s as it was created',
    async (name, input) => {
      const created = await batch().send(new CreateJobQueueCommand(input))
      expect(created).toMatchObject({ jobQueueName: name, jobQueueArn: arn(`job-queue/${name}`) })
      const { computeEnvironmentOrder, ...rest } = input
      expect(await queue(name)).toMatchObject({ state: 'ENABLED', ...rest, ...inOrder(input) })
    },
  )

  it.each(definitions.map((input) => [input.jobDefinitionName!, input] as const))(
    'describes the job definition %s as it was registered, and registers that again',
    async (name, input) => {
      const { revision } = await batch().send(new RegisterJobDefinitionCommand(input))
      expect(revision).toBe(1)
      const described = await definition(`${name}:1`)
      expect(described).toMatchObject({ ...input, status: 'ACTIVE', revision: 1 })
      const again = { ...input, ...described } as typeof input
      await batch().send(new RegisterJobDefinitionCommand(again))
      const { revision: _, jobDefinitionArn: __, ...body } = (await definition(`${name}:2`))!
      expect(described).toMatchObject(body)
    },
  )
})
