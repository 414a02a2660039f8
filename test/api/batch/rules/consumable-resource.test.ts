import { describe, expect, it } from 'vitest'
import { inputSchema } from '../../../../src/api/batch/model/input-schema.ts'
import type { OperationName } from '../../../../src/api/batch/model/model-types.ts'
import { parseInput } from '../../../../src/api/validation.ts'

const consumableResource = 'seat'
const name = 'CONSUMABLE_RESOURCE_NAME'

describe('the input of operations on consumable resources', () => {
  it.each<[OperationName, object, string | undefined]>([
    ['CreateConsumableResource', { consumableResourceName: 'seat' }, undefined],
    [
      'CreateConsumableResource',
      {
        consumableResourceName: 'seat',
        totalQuantity: 2 ** 40,
        resourceType: 'NON_REPLENISHABLE',
        tags: { a: 'b' },
      },
      undefined,
    ],
    ['CreateConsumableResource', {}, 'consumableResourceName: required'],
    [
      'CreateConsumableResource',
      { consumableResourceName: 'a b' },
      'consumableResourceName: must match ^[a-zA-Z0-9_-]{1,128}$',
    ],
    [
      'CreateConsumableResource',
      { consumableResourceName: 'seat', totalQuantity: -1 },
      'totalQuantity: must be at least 0',
    ],
    [
      'CreateConsumableResource',
      { consumableResourceName: 'seat', resourceType: 'FINITE' },
      'resourceType: must be one of REPLENISHABLE, NON_REPLENISHABLE',
    ],
    ['UpdateConsumableResource', { consumableResource, operation: 'ADD', quantity: 0 }, undefined],
    [
      'UpdateConsumableResource',
      { consumableResource, operation: 'MUL', quantity: 1 },
      'operation: must be one of SET, ADD, REMOVE',
    ],
    ['UpdateConsumableResource', { consumableResource, quantity: 1 }, 'operation: required'],
    ['UpdateConsumableResource', { consumableResource, operation: 'SET' }, 'quantity: required'],
    [
      'UpdateConsumableResource',
      { consumableResource, operation: 'SET', quantity: 0.5 },
      'quantity: must be an integer',
    ],
    [
      'UpdateConsumableResource',
      { consumableResource, operation: 'SET', quantity: 1, clientToken: 'a'.repeat(65) },
      'clientToken: must be at most 64 characters long',
    ],
    ['DescribeConsumableResource', {}, 'consumableResource: required'],
    ['DeleteConsumableResource', {}, 'consumableResource: required'],
    ['ListConsumableResources', { filters: [{ name, values: ['a*'] }], maxResults: 100 }, undefined],
    [
      'ListConsumableResources',
      { filters: [{ name: 'NAME', values: ['a'] }] },
      'filters[0].name: must be one of CONSUMABLE_RESOURCE_NAME',
    ],
    ['ListConsumableResources', { maxResults: 101 }, 'maxResults: must be at most 100'],
    [
      'ListJobsByConsumableResource',
      {
        consumableResource,
        filters: [
          { name: 'JOB_STATUS', values: ['RUNNABLE', 'FAILED'] },
          { name: 'JOB_NAME', values: ['a*'] },
        ],
      },
      undefined,
    ],
    [
      'ListJobsByConsumableResource',
      { consumableResource, filters: [{ name: 'JOB_STATUS', values: ['ENDED'] }] },
      'filters[0].values[0]: must be one of SUBMITTED, PENDING, RUNNABLE, STARTING, RUNNING, SUCCEEDED, FAILED',
    ],
    ['ListJobsByConsumableResource', {}, 'consumableResource: required'],
  ])('of %s judges %j', (operation, input, message) => {
    const parsed = parseInput(inputSchema(operation), input, 'ClientException')
    expect(parsed.ok ? undefined : parsed.refusal.message).toBe(message)
  })
})
