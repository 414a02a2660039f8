import { missingParameter } from '../model/effective-container.ts'
import { nodeKinds } from '../model/effective-nodes.ts'
import { unresolvedReference } from '../model/effective-task.ts'
import type { JobRequest, NodeOverrides } from '../model/job.ts'
import type { JobDefinition, NodeProperties } from '../model/job-definition.ts'
import { isOpenEnded, parseNodeRange } from '../model/node-ranges.ts'

/**
 * Why a job cannot be submitted as multi-node parallel, or changes nodes that it does not have; undefined where all is
 * well (AWS Batch API, NodeOverrides).
 */
export function refuseNodes(request: JobRequest, definition: JobDefinition): string | undefined {
  const { nodeProperties } = definition.body
  const { nodeOverrides } = request
  if (!nodeProperties) {
    const given = nodeOverrides && Object.keys(nodeOverrides).length > 0
    return given ? 'nodeOverrides: the job definition is not of a multi-node parallel job' : undefined
  }
  for (const member of ['containerOverrides', 'ecsPropertiesOverride'] as const)
    if (Object.keys(request[member] ?? {}).length > 0)
      return `${member}: a multi-node parallel job takes nodeOverrides instead`
  if (request.arrayProperties?.size !== undefined)
    return 'arrayProperties: a multi-node parallel job cannot be an array job'
  return refuseOverrides(nodeOverrides ?? {}, nodeProperties) ?? refuseReferences(request, definition)
}

function refuseOverrides(overrides: NodeOverrides, properties: NodeProperties): string | undefined {
  const { numNodes, nodePropertyOverrides = [] } = overrides
  const { nodeRangeProperties, mainNode } = properties
  if (numNodes !== undefined) {
    if (!nodeRangeProperties.some(({ targetNodes }) => isOpenEnded(targetNodes)))
      return 'nodeOverrides.numNodes: needs an open-ended node range (such as 0:) in the job definition'
    if (mainNode >= numNodes)
      return `nodeOverrides.numNodes: must be greater than the main node's index, ${mainNode}`
    const beyond = nodeRangeProperties.find(({ targetNodes }) => !parseNodeRange(targetNodes, numNodes))
    if (beyond)
      return `nodeOverrides.numNodes: must be greater than the start of the range ${beyond.targetNodes}`
  }
  const count = numNodes ?? properties.numNodes
  for (const [at, { targetNodes }] of nodePropertyOverrides.entries())
    if (!parseNodeRange(targetNodes, count))
      return `nodeOverrides.nodePropertyOverrides[${at}].targetNodes: must be a range of the job's nodes, 0 to ${count - 1}`
  return undefined
}

function refuseReferences(request: JobRequest, definition: JobDefinition): string | undefined {
  for (const kind of nodeKinds(definition, request).kinds) {
    const reference = unresolvedReference(kind.definition.body, kind.request)
    if (reference !== undefined) return missingParameter(reference)
  }
  return undefined
}
