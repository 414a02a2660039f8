import {
  CreateConsumableResourceCommand,
  DeleteConsumableResourceCommand,
  DescribeConsumableResourceCommand,
  ListConsumableResourcesCommand,
  ListJobsByConsumableResourceCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  TerminateJobCommand,
  UpdateConsumableResourceCommand,
} from '@aws-sdk/client-batch'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { defineScript, submit, waitForEnd, waitForJob, waitForState } from '../support/e2e-jobs.ts'
import { type Server, startServer } from '../support/server.ts'

let server: Server
beforeAll(async () => {
  server = await startServer({ agent: { vcpus: 8 } })
})
afterAll(() => server?.stop())

const arnOf = (name: string) => `arn:aws:batch:us-east-1:000000000000:consumable-resource/${name}`

async function create(
  consumableResourceName: string,
  totalQuantity: number,
  resourceType: 'REPLENISHABLE' | 'NON_REPLENISHABLE' = 'REPLENISHABLE',
) {
  const resource = { consumableResourceName, totalQuantity, resourceType, tags: { team: 'a' } }
  return server.batch.send(new CreateConsumableResourceCommand(resource))
}

const look = (consumableResource: string) =>
  server.batch.send(new DescribeConsumableResourceCommand({ consumableResource }))

/** What an attempt gives back is back shortly after its end. */
const settles = (name: string, expected: object) =>
  vi.waitFor(async () => expect(await look(name)).toMatchObject(expected), { timeout: 30_000 })

const needing = (consumableResource: string, quantity = 1) => ({
  consumableResourceList: [{ consumableResource, quantity }],
})

describe('consumable resources', () => {
  it('are made, described, listed, tagged, updated once under one token, and deleted', async () => {
    expect(await create('Pool-a', 5)).toMatchObject({
      consumableResourceName: 'Pool-a',
      consumableResourceArn: arnOf('Pool-a'),
    })
    await create('pool-b', 1)
    await expect(create('pool-b', 1)).rejects.toMatchObject({
      name: 'ClientException',
      message: 'Object already exists',
    })
    const update = {
      consumableResource: arnOf('Pool-a'),
      operation: 'ADD',
      quantity: 2,
      clientToken: 'once',
    }
    for (let i = 0; i < 2; i++)
      expect(await server.batch.send(new UpdateConsumableResourceCommand(update))).toMatchObject({
        totalQuantity: 7,
      })
    await server.batch.send(new TagResourceCommand({ resourceArn: arnOf('Pool-a'), tags: { stage: 'b' } }))
    const tagged = await server.batch.send(new ListTagsForResourceCommand({ resourceArn: arnOf('Pool-a') }))
    expect(tagged.tags).toEqual({ team: 'a', stage: 'b' })
    expect(await look('Pool-a')).toMatchObject({
      totalQuantity: 7,
      inUseQuantity: 0,
      availableQuantity: 7,
      resourceType: 'REPLENISHABLE',
      createdAt: expect.any(Number),
      tags: tagged.tags,
    })
    const list = { filters: [{ name: 'CONSUMABLE_RESOURCE_NAME', values: ['POOL-*'] }], maxResults: 1 }
    const first = await server.batch.send(new ListConsumableResourcesCommand(list))
    const { nextToken } = first
    const second = await server.batch.send(new ListConsumableResourcesCommand({ ...list, nextToken }))
    const names = [first, second].flatMap(({ consumableResources }) =>
      consumableResources!.map(({ consumableResourceName }) => consumableResourceName),
    )
    expect([names, second.nextToken]).toEqual([['Pool-a', 'pool-b'], undefined])
    await server.batch.send(new DeleteConsumableResourceCommand({ consumableResource: 'pool-b' }))
    await expect(look('pool-b')).rejects.toMatchObject({ name: 'ClientException' })
  })

  it('bound how many jobs run at once, and come back when one ends or is terminated', async () => {
    await create('licence', 2)
    const definition = await defineScript(server, 'sleep 600', {
      consumableResourceProperties: needing(arnOf('licence')),
    })
    const ids = [
      await submit(server, definition),
      await submit(server, definition),
      await submit(server, definition, { jobName: 'last' }),
    ]
    await waitForState(server, ids[0]!, 'RUNNING')
    await waitForState(server, ids[1]!, 'RUNNING')
    const waiting = await waitForJob(server, ids[2]!, ({ statusReason }) => statusReason !== undefined)
    expect(waiting).toMatchObject({
      status: 'RUNNABLE',
      statusReason: 'CONSUMABLE_RESOURCE_UNAVAILABLE - Consumable resource licence: 1 wanted, 0 available',
      consumableResourceProperties: needing(arnOf('licence')),
    })
    expect(await look('licence')).toMatchObject({ inUseQuantity: 2, availableQuantity: 0 })
    const listed = await server.batch.send(
      new ListJobsByConsumableResourceCommand({
        consumableResource: 'licence',
        filters: [{ name: 'JOB_STATUS', values: ['RUNNABLE'] }],
      }),
    )
    expect(listed.jobs).toMatchObject([
      { jobName: 'last', jobStatus: 'RUNNABLE', quantity: 1, jobArn: waiting.jobArn },
    ])
    await server.batch.send(new TerminateJobCommand({ jobId: ids[0]!, reason: 'enough' }))
    await waitForState(server, ids[2]!, 'RUNNING')
    expect(await look('licence')).toMatchObject({ inUseQuantity: 2 })
    for (const jobId of ids.slice(1))
      await server.batch.send(new TerminateJobCommand({ jobId, reason: 'enough' }))
    await settles('licence', { totalQuantity: 2, inUseQuantity: 0 })
  })

  it('run out where they are not replenishable', async () => {
    await create('token', 3, 'NON_REPLENISHABLE')
    const definition = await defineScript(server, 'true')
    const consumableResourcePropertiesOverride = needing('token', 2)
    const first = await submit(server, definition, { consumableResourcePropertiesOverride })
    expect((await waitForEnd(server, first)).status).toBe('SUCCEEDED')
    await settles('token', { totalQuantity: 1, inUseQuantity: 0, availableQuantity: 1 })
    const second = await submit(server, definition, { consumableResourcePropertiesOverride })
    await waitForJob(
      server,
      second,
      ({ statusReason }) => statusReason?.includes('2 wanted, 1 available') === true,
    )
    const add = { consumableResource: 'token', operation: 'ADD', quantity: 1 }
    await server.batch.send(new UpdateConsumableResourceCommand(add))
    expect((await waitForEnd(server, second)).status).toBe('SUCCEEDED')
  })

  it('that do not exist are refused at submit', async () => {
    const definition = await defineScript(server, 'true', {
      consumableResourceProperties: needing('nobody-made-this'),
    })
    await expect(submit(server, definition)).rejects.toMatchObject({
      name: 'ClientException',
      message: 'Consumable resource nobody-made-this does not exist',
    })
  })
})
