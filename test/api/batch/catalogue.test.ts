import { describe, expect, it } from 'vitest'
import { app } from '../../../src/api/app.ts'
import { accepted } from '../../../src/core/model/outcome.ts'
import { type StubbedEnv, stubbedEnv } from '../../support/api-env.ts'

const arn = (resource: string) => `arn:aws:batch:eu-central-1:123456789012:${resource}`

async function call(env: StubbedEnv, operation: string, input: object, headers: object = {}) {
  const request = new Request(`http://localhost/v1/${operation}`, {
    method: 'POST',
    body: JSON.stringify(input),
    headers: { authorization: 'Bearer the-admin-token', ...headers },
  })
  return (await app.fetch(request, env)).json()
}

describe('compute environments on the wire', () => {
  it('are created ENABLED, by a name or ARN answer', async () => {
    const env = stubbedEnv({ createEnvironment: () => accepted({ name: 'e' }) })
    const body = { type: 'UNMANAGED', serviceRole: '', computeResources: { type: 'EC2', maxvCpus: 4 } }
    const input = { computeEnvironmentName: 'e', ...body }
    expect(await call(env, 'createcomputeenvironment', input)).toEqual({
      computeEnvironmentName: 'e',
      computeEnvironmentArn: arn('compute-environment/e'),
    })
    expect(env.calls[0]?.parameters).toEqual(['e', { state: 'ENABLED', ...body }])
  })

  it('describe as valid EC2 ones', async () => {
    const body = { type: 'UNMANAGED', state: 'ENABLED', serviceRole: '' }
    const config = { number: 1, name: 'e', uuid: 'u', createdAt: 1, leaseMs: 1, body }
    const env = stubbedEnv({ describeEnvironments: () => accepted({ items: [config], nextToken: 'more' }) })
    const computeEnvironments = [arn('compute-environment/e'), 'f']
    expect(await call(env, 'describecomputeenvironments', { computeEnvironments, nextToken: '' })).toEqual({
      computeEnvironments: [
        {
          computeEnvironmentName: 'e',
          computeEnvironmentArn: arn('compute-environment/e'),
          ecsClusterArn: 'arn:aws:ecs:eu-central-1:123456789012:cluster/e',
          uuid: 'u',
          containerOrchestrationType: 'ECS',
          status: 'VALID',
          statusReason: 'ComputeEnvironment Healthy',
          type: 'UNMANAGED',
          state: 'ENABLED',
          serviceRole: '',
          computeResources: { type: 'EC2' },
          tags: {},
        },
      ],
      nextToken: 'more',
    })
    expect(env.calls[0]?.parameters).toEqual([['e', 'f'], { maxResults: 100 }])
  })

  it('describe to Terraform without compute resources that nobody wrote', async () => {
    const config = { number: 1, name: 'e', uuid: 'u', createdAt: 1, leaseMs: 1, body: { type: 'UNMANAGED' } }
    const env = stubbedEnv({ describeEnvironments: () => accepted({ items: [config] }) })
    const userAgent =
      'APN/1.0 HashiCorp/1.0 Terraform/1.9.0 (+https://www.terraform.io) terraform-provider-aws'
    const answer = await call(env, 'describecomputeenvironments', {}, { 'user-agent': userAgent })
    const { computeEnvironments } = answer as { computeEnvironments: object[] }
    expect(computeEnvironments[0]).not.toHaveProperty('computeResources')
  })

  it('are none where only others are named', async () => {
    const env = stubbedEnv()
    const computeEnvironments = [arn('job-queue/e'), 'arn:aws:batch:us-east-1:1:compute-environment/e']
    expect(await call(env, 'describecomputeenvironments', { computeEnvironments })).toEqual({
      computeEnvironments: [],
    })
    expect(env.calls).toEqual([])
  })
})

describe('job queues on the wire', () => {
  it('name their environments in ascending order', async () => {
    const env = stubbedEnv({ createQueue: () => accepted({ name: 'q' }) })
    const computeEnvironmentOrder = [
      { order: 7, computeEnvironment: 'late' },
      { order: 0, computeEnvironment: arn('compute-environment/soon') },
    ]
    const input = { jobQueueName: 'q', priority: 3, computeEnvironmentOrder, tags: { a: 'b' } }
    expect(await call(env, 'createjobqueue', input)).toEqual({
      jobQueueName: 'q',
      jobQueueArn: arn('job-queue/q'),
    })
    expect(env.calls[0]?.parameters).toEqual([
      {
        name: 'q',
        state: 'ENABLED',
        priority: 3,
        environments: ['soon', 'late'],
        environmentOrders: [0, 7],
        tags: { a: 'b' },
      },
    ])
  })

  it.each([
    [['e', arn('compute-environment/e')], /e is named twice/],
    [[arn('job-queue/e')], /does not exist/],
  ])('refuse environments %j', async (names, message) => {
    const computeEnvironmentOrder = names.map((computeEnvironment, order) => ({ order, computeEnvironment }))
    const env = stubbedEnv()
    expect(
      await call(env, 'createjobqueue', { jobQueueName: 'q', priority: 3, computeEnvironmentOrder }),
    ).toEqual({
      message: expect.stringMatching(message),
    })
    expect(env.calls).toEqual([])
  })

  it('describe as valid, with ARNs and the orders given', async () => {
    const config = {
      number: 2,
      name: 'q',
      uuid: 'u',
      createdAt: 1,
      state: 'ENABLED',
      priority: 3,
      environments: [{ number: 1, name: 'e' }],
      environmentOrders: [7],
    }
    const env = stubbedEnv({ describeQueues: () => accepted({ items: [config] }) })
    expect(await call(env, 'describejobqueues', {})).toEqual({
      jobQueues: [
        {
          jobQueueName: 'q',
          jobQueueArn: arn('job-queue/q'),
          status: 'VALID',
          statusReason: 'JobQueue Healthy',
          state: 'ENABLED',
          priority: 3,
          computeEnvironmentOrder: [{ order: 7, computeEnvironment: arn('compute-environment/e') }],
          tags: {},
        },
      ],
    })
  })
})

describe('job definitions on the wire', () => {
  const body = {
    type: 'container',
    containerProperties: { image: 'a', command: [], privileged: false, environment: [] },
    retryStrategy: { attempts: 2 },
    parameters: { unused: '' },
  }

  it('register as sent', async () => {
    const env = stubbedEnv({ registerDefinition: () => accepted({ name: 'd', revision: 4 }) })
    expect(
      await call(env, 'registerjobdefinition', { jobDefinitionName: 'd', eksProperties: {}, ...body }),
    ).toEqual({
      jobDefinitionName: 'd',
      jobDefinitionArn: arn('job-definition/d:4'),
      revision: 4,
    })
    expect(env.calls[0]?.parameters).toEqual(['d', body])
  })

  it('describe as registered', async () => {
    const definition = { name: 'd', revision: 4, status: 'ACTIVE', body }
    const env = stubbedEnv({ describeDefinitions: () => accepted({ items: [definition] }) })
    const jobDefinitions = [
      'd',
      'd:4',
      arn('job-definition/d'),
      arn('job-definition/d:4'),
      'd:x',
      arn('job/d'),
    ]
    expect(await call(env, 'describejobdefinitions', { jobDefinitions })).toEqual({
      jobDefinitions: [
        {
          jobDefinitionName: 'd',
          jobDefinitionArn: arn('job-definition/d:4'),
          revision: 4,
          status: 'ACTIVE',
          containerOrchestrationType: 'ECS',
          tags: {},
          ...body,
        },
      ],
    })
    const [newest, fourth] = [{ name: 'd' }, { name: 'd', revision: 4 }]
    expect(env.calls[0]?.parameters).toEqual([{ refs: [newest, fourth, newest, fourth] }])
  })

  it('are asked for by name, status and page', async () => {
    const env = stubbedEnv({ describeDefinitions: () => accepted({ items: [] }) })
    await call(env, 'describejobdefinitions', {
      jobDefinitionName: 'd',
      status: 'ACTIVE',
      maxResults: 5,
      nextToken: 't',
    })
    expect(env.calls[0]?.parameters).toEqual([
      { name: 'd', status: 'ACTIVE', page: { maxResults: 5, nextToken: 't' } },
    ])
  })
})
