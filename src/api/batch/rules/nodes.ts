import * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import type { NodeProperties, NodeRangeProperty } from '../../../core/model/job-definition.ts'
import { narrowestRange, parseNodeRange } from '../../../core/model/node-ranges.ts'
import { integer, isEmpty } from './fields.ts'
import type { Rules } from './rule.ts'

const targetNodes = () =>
  z.string().regex(/^(\d{1,4}|\d{1,4}:\d{0,4}|:\d{1,4})$/, 'must be a range of nodes: a:b, :b, a: or a')
const oneInstanceType = (list: z.ZodArray) => list.max(1)

/** Multi-node parallel jobs. Sources: AWS Batch API, NodeProperties, NodeRangeProperty, NodeOverrides. */
export const nodeRules: Rules = {
  'NodeProperties.numNodes': () => integer(1, limits.nodes),
  'NodeProperties.mainNode': () => integer(0, limits.nodes - 1),
  'NodeProperties.nodeRangeProperties': (list: z.ZodArray) => list.min(1).max(limits.nodeGroups),
  NodeProperties: (properties: z.ZodObject) => properties.check(coversItsNodes),
  'NodeRangeProperty.targetNodes': targetNodes,
  'NodeRangeProperty.instanceTypes': oneInstanceType,
  NodeRangeProperty: (range: z.ZodObject) => range.check(runsOneThing),
  'NodeOverrides.numNodes': () => integer(1, limits.nodes),
  'NodePropertyOverride.targetNodes': targetNodes,
  'NodePropertyOverride.instanceTypes': oneInstanceType,
  SubmitJobRequest: (request: z.ZodType<{ containerOverrides?: { instanceType?: string } }>) =>
    request.refine(({ containerOverrides }) => isEmpty(containerOverrides?.instanceType), {
      path: ['containerOverrides', 'instanceType'],
      error: 'applies to multi-node parallel jobs only',
    }),
}

function coversItsNodes({ value, issues }: z.core.ParsePayload<Record<string, unknown>>): void {
  const { numNodes, mainNode, nodeRangeProperties } = value as NodeProperties
  const refuse = (path: PropertyKey[], message: string) =>
    issues.push({ code: 'custom', input: value, path, message })
  if (mainNode >= numNodes) refuse(['mainNode'], `must be less than numNodes, ${numNodes}`)
  const ranges = nodeRangeProperties.map((entry) => parseNodeRange(entry.targetNodes, numNodes))
  const wrong = ranges.indexOf(undefined)
  if (wrong >= 0) {
    const rule = `must be a range of the nodes 0 to ${numNodes - 1}`
    return void refuse(['nodeRangeProperties', wrong, 'targetNodes'], rule)
  }
  for (let node = 0; node < numNodes; node++)
    if (narrowestRange(ranges, node) < 0)
      return void refuse(
        ['nodeRangeProperties'],
        `must cover all nodes: node ${node} is in none of the ranges`,
      )
}

function runsOneThing({ value, issues }: z.core.ParsePayload<Record<string, unknown>>): void {
  const { container, ecsProperties, eksProperties } = value as NodeRangeProperty
  const refuse = (path: PropertyKey[], message: string) =>
    issues.push({ code: 'custom', input: value, path, message })
  if ([container, ecsProperties, eksProperties].filter((body) => body !== undefined).length !== 1)
    refuse(['container'], 'exactly one of container, ecsProperties and eksProperties is required')
  else if (container && container.image === undefined) refuse(['container', 'image'], 'required')
}
