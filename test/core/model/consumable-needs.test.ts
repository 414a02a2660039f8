import { describe, expect, it } from 'vitest'
import type { ConsumableProperties } from '../../../src/core/model/consumable.ts'
import { consumableNeeds, effectiveConsumables } from '../../../src/core/model/consumable-needs.ts'
import { aDefinition } from '../../support/builders.ts'

const deployment = { partition: 'aws', region: 'us-east-1', accountId: '000000000000', salt: '' }
const arn = 'arn:aws:batch:us-east-1:000000000000:consumable-resource'

function aList(...entries: [string, number][]): ConsumableProperties {
  return {
    consumableResourceList: entries.map(([consumableResource, quantity]) => ({
      consumableResource,
      quantity,
    })),
  }
}

const aDefinitionWith = (properties?: ConsumableProperties) =>
  aDefinition(properties ? { consumableResourceProperties: properties } : {})
const body = (properties?: ConsumableProperties) => aDefinitionWith(properties).body
const request = (properties?: ConsumableProperties) => ({
  jobName: 'job',
  ...(properties ? { consumableResourcePropertiesOverride: properties } : {}),
})

describe('the consumable resources of a job', () => {
  it('are none for nearly every job', () => {
    expect(effectiveConsumables(deployment, body(), request())).toBeUndefined()
    expect(consumableNeeds(deployment, aDefinitionWith(), request(aList()))).toEqual([])
  })

  it("are the definition's, of which the job's own replace those of the same resource, by name or ARN", () => {
    const defined = aDefinitionWith(aList(['seat', 1], [`${arn}/token`, 2]))
    const own = request(aList(['token', 5], ['extra', 1]))
    expect(effectiveConsumables(deployment, defined.body, own)).toEqual(
      aList(['seat', 1], ['token', 5], ['extra', 1]),
    )
    expect(consumableNeeds(deployment, defined, own)).toEqual([
      { resource: 'seat', quantity: 1 },
      { resource: 'token', quantity: 5 },
      { resource: 'extra', quantity: 1 },
    ])
  })

  it('add up where one is named twice', () => {
    expect(
      consumableNeeds(deployment, aDefinitionWith(aList(['seat', 1], [`${arn}/seat`, 2])), request()),
    ).toEqual([{ resource: 'seat', quantity: 3 }])
  })

  it('of another account are no resource of this one', () => {
    const foreign = 'arn:aws:batch:us-east-1:111111111111:consumable-resource/seat'
    expect(consumableNeeds(deployment, aDefinitionWith(aList([foreign, 1])), request())).toEqual([
      { resource: foreign, quantity: 1 },
    ])
  })

  it('are, of a multi-node parallel job, what all nodes need together, of each range or its override', () => {
    const container = aDefinition().body.containerProperties!
    const definition = aDefinition({
      type: 'multinode',
      nodeProperties: {
        numNodes: 4,
        mainNode: 0,
        nodeRangeProperties: [
          { targetNodes: '0:3', container, consumableResourceProperties: aList(['seat', 1]) },
          { targetNodes: '3:3', container, consumableResourceProperties: aList(['seat', 5]) },
        ],
      },
      consumableResourceProperties: aList(['job', 1]),
    })
    const nodePropertyOverrides = [
      { targetNodes: '1:2', consumableResourcePropertiesOverride: aList(['seat', 2]) },
    ]
    expect(
      consumableNeeds(deployment, definition, { jobName: 'job', nodeOverrides: { nodePropertyOverrides } }),
    ).toEqual([
      { resource: 'job', quantity: 1 },
      { resource: 'seat', quantity: 1 + 2 * 2 + 5 },
    ])
  })
})
