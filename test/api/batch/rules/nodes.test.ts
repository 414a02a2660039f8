import { describe, expect, it } from 'vitest'
import { inputSchema } from '../../../../src/api/batch/model/input-schema.ts'
import { parseInput } from '../../../../src/api/validation.ts'

const container = { image: 'alpine' }
const range = (targetNodes: string, members: object = { container }) => ({ targetNodes, ...members })
const definition = (nodeProperties: object, members: object = {}) => ({
  jobDefinitionName: 'd',
  type: 'multinode',
  nodeProperties,
  ...members,
})
const nodes = (numNodes: number, ...ranges: object[]) => ({
  numNodes,
  mainNode: 0,
  nodeRangeProperties: ranges,
})
const register = (input: object) => parseInput(inputSchema('RegisterJobDefinition'), input, 'ClientException')
const submit = (nodeOverrides: object) =>
  parseInput(
    inputSchema('SubmitJob'),
    { jobName: 'a', jobQueue: 'q', jobDefinition: 'd', nodeOverrides },
    'ClientException',
  )

describe('node properties of RegisterJobDefinition', () => {
  it.each<[string, object]>([
    ['one open range', nodes(3, range('0:'))],
    ['every form of range', nodes(4, range('0'), range(':1'), range('1:2'), range('2:'))],
    ['a range of one node', nodes(1, range('0:0'))],
    ['a range inside another', nodes(11, range('0:10'), range('4:5'))],
    ['a thousand nodes', nodes(1000, range('0:999'))],
    [
      'an instance type',
      nodes(1, range('0:', { container: { ...container, instanceType: 'p3' }, instanceTypes: ['p3'] })),
    ],
  ])('accept %s as sent', (_, properties) => {
    const input = definition(properties)
    expect(register(input)).toEqual({ ok: true, value: input })
  })

  it.each<[object, string]>([
    [definition(nodes(3)), 'nodeProperties.nodeRangeProperties: must not be empty'],
    [definition(nodes(3, range('0:1'))), 'nodeProperties.nodeRangeProperties: must cover all nodes: node 2'],
    [
      definition(nodes(3, range('0:'), range('3:'))),
      'nodeProperties.nodeRangeProperties[1].targetNodes: must be a range',
    ],
    [
      definition(nodes(3, range('2:1'))),
      'nodeProperties.nodeRangeProperties[0].targetNodes: must be a range',
    ],
    [
      definition(nodes(3, range('a:b'))),
      'nodeProperties.nodeRangeProperties[0].targetNodes: must be a range',
    ],
    [
      definition(nodes(3, ...Array(6).fill(range('0:')))),
      'nodeProperties.nodeRangeProperties: must have at most 5',
    ],
    [definition(nodes(1001, range('0:'))), 'nodeProperties.numNodes: must be at most 1000'],
    [definition(nodes(0, range('0:'))), 'nodeProperties.numNodes: must be at least 1'],
    [
      definition({ ...nodes(2, range('0:')), mainNode: 2 }),
      'nodeProperties.mainNode: must be less than numNodes, 2',
    ],
    [definition(nodes(1, range('0:', {}))), 'nodeProperties.nodeRangeProperties[0].container: exactly one'],
    [
      definition(nodes(1, range('0:', { container: {} }))),
      'nodeProperties.nodeRangeProperties[0].container.image: required',
    ],
    [
      definition(
        nodes(
          1,
          range('0:', { container, ecsProperties: { taskProperties: [{ containers: [container] }] } }),
        ),
      ),
      'nodeProperties.nodeRangeProperties[0].container: exactly one of',
    ],
    [
      definition(nodes(1, range('0:')), { containerProperties: container }),
      'containerProperties: does not go with type multinode',
    ],
    [
      definition(nodes(1, range('0:')), { platformCapabilities: ['FARGATE'] }),
      'platformCapabilities: multi-node parallel jobs do not run on FARGATE',
    ],
    [
      definition(nodes(1, range('0:')), { type: 'container' }),
      'nodeProperties: goes with type multinode only',
    ],
  ])('refuse %j', (input, message) => {
    const outcome = register(input)
    expect(outcome.ok ? 'accepted' : outcome.refusal.message).toContain(message)
  })
})

describe('node overrides of SubmitJob', () => {
  it('accept every member', () => {
    const overrides = {
      numNodes: 5,
      nodePropertyOverrides: [
        {
          targetNodes: ':2',
          containerOverrides: { command: ['x'], instanceType: 'p3' },
          instanceTypes: ['p3'],
        },
      ],
    }
    expect(submit(overrides)).toMatchObject({ ok: true, value: { nodeOverrides: overrides } })
  })

  it.each<[object, string]>([
    [{ numNodes: 1001 }, 'nodeOverrides.numNodes: must be at most 1000'],
    [{ nodePropertyOverrides: [{}] }, 'nodeOverrides.nodePropertyOverrides[0].targetNodes: required'],
    [
      { nodePropertyOverrides: [{ targetNodes: ':' }] },
      'nodeOverrides.nodePropertyOverrides[0].targetNodes: must be a range',
    ],
  ])('refuse %j', (overrides, message) => {
    const outcome = submit(overrides)
    expect(outcome.ok ? 'accepted' : outcome.refusal.message).toContain(message)
  })
})
