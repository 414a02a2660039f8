import {
  CreateConsumableResourceCommand,
  DeleteConsumableResourceCommand,
  DescribeConsumableResourceCommand,
  ListConsumableResourcesCommand,
  ListJobsByConsumableResourceCommand,
  UpdateConsumableResourceCommand,
} from '@aws-sdk/client-batch'
import { describe, expect, it } from 'vitest'
import { defineScript, submit, waitForEnd } from '../../support/e2e-jobs.ts'
import { resources } from '../examples/catalogue.ts'
import { resourceUpdates } from '../examples/updates.ts'
import { batch, server } from './shared-server.ts'

describe('consumable resources', () => {
  it.each(resources.map((input) => [input.consumableResourceName!, input] as const))(
    'describes %s as it was created',
    async (name, input) => {
      await batch().send(new CreateConsumableResourceCommand(input))
      const described = await batch().send(
        new DescribeConsumableResourceCommand({ consumableResource: name }),
      )
      const totalQuantity = input.totalQuantity ?? 0
      const resourceType = input.resourceType ?? 'REPLENISHABLE'
      const quantities = { totalQuantity, inUseQuantity: 0, availableQuantity: totalQuantity }
      expect(described).toMatchObject({ ...input, ...quantities, resourceType })
    },
  )

  it('changes a total, once for a token however often it is sent', async () => {
    const totals: (number | undefined)[] = []
    for (const input of [resourceUpdates[0]!, ...resourceUpdates]) {
      const { totalQuantity } = await batch().send(new UpdateConsumableResourceCommand(input))
      totals.push(totalQuantity)
    }
    expect(totals).toEqual([8, 8, 7, 6])
  })

  it('lists by name', async () => {
    const filters = [{ name: 'CONSUMABLE_RESOURCE_NAME', values: ['LIC*'] }]
    const listed = await batch().send(new ListConsumableResourcesCommand({ filters, maxResults: 10 }))
    expect(listed.consumableResources?.map((one) => one.consumableResourceName)).toEqual(['licence'])
  })

  it('lists a page at a time', async () => {
    const first = await batch().send(new ListConsumableResourcesCommand({ maxResults: 1 }))
    const { nextToken } = first
    const rest = await batch().send(new ListConsumableResourcesCommand({ nextToken }))
    const found = [...first.consumableResources!, ...rest.consumableResources!]
    expect(found.map((one) => one.consumableResourceName).sort()).toEqual(['bare', 'fuel', 'licence'])
  })

  it('lists the jobs that use one', async () => {
    const definition = await defineScript(server(), 'exit 0', {
      consumableResourceProperties: {
        consumableResourceList: [{ consumableResource: 'licence', quantity: 2 }],
      },
    })
    const jobIds = [await submit(server(), definition), await submit(server(), definition)]
    for (const jobId of jobIds) await waitForEnd(server(), jobId)
    const filters = [{ name: 'JOB_STATUS', values: ['SUCCEEDED'] }]
    const page = { consumableResource: 'licence', filters }
    const first = await batch().send(new ListJobsByConsumableResourceCommand({ ...page, maxResults: 1 }))
    const { nextToken } = first
    const rest = await batch().send(new ListJobsByConsumableResourceCommand({ ...page, nextToken }))
    const found = [...first.jobs!, ...rest.jobs!].map(({ jobArn, quantity }) => [jobArn, quantity])
    expect(found.sort()).toEqual(
      jobIds.map((jobId) => [`arn:aws:batch:us-east-1:000000000000:job/${jobId}`, 2]).sort(),
    )
  })

  it('deletes one', async () => {
    const consumableResource = 'bare'
    await batch().send(new DeleteConsumableResourceCommand({ consumableResource }))
    await expect(
      batch().send(new DescribeConsumableResourceCommand({ consumableResource })),
    ).rejects.toMatchObject({ name: 'ClientException', message: expect.stringContaining('does not exist') })
  })
})
