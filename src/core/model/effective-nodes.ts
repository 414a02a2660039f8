import type { JobRequest, NodePropertyOverride } from './job.ts'
import type { JobDefinition, JobDefinitionBody, NodeProperties, NodeRangeProperty } from './job-definition.ts'
import type { NodeShape } from './job-record.ts'
import { type NodeRange, narrowestRange, parseNodeRange } from './node-ranges.ts'

/** How many nodes a job has and which is the main one; undefined for a job that is not multi-node parallel. */
export function nodeShape(body: JobDefinitionBody, request: JobRequest): NodeShape | undefined {
  const { nodeProperties } = body
  if (!nodeProperties) return undefined
  const { numNodes, mainNode } = nodeProperties
  return { count: request.nodeOverrides?.numNodes ?? numNodes, main: mainNode }
}

/** A job of one task, which a node would be if it stood alone. */
export type NodeJob = { definition: JobDefinition; request: JobRequest }

/** One node as a job of its own. */
export function jobOfNode(definition: JobDefinition, request: JobRequest, node: number): NodeJob {
  const { count, main } = nodeShape(definition.body, request)!
  const groups = definition.body.nodeProperties!.nodeRangeProperties
  const changes = request.nodeOverrides?.nodePropertyOverrides ?? []
  const group = groups[narrowestRange(rangesOf(groups, count), node)]
  const change = changes[narrowestRange(rangesOf(changes, count), node)]
  return nodeJob(definition, request, group, change, node === main)
}

/**
 * The kinds of nodes a job has, each as a job of its own, and `kindOf[node]`. The node's range says what it runs (a range
 * inside another overrides it), the range of `nodePropertyOverrides` that holds it what is changed. The job's timeout is
 * the main node's.
 */
export function nodeKinds(
  definition: JobDefinition,
  request: JobRequest,
): { kinds: NodeJob[]; kindOf: number[] } {
  const { body } = definition
  const { count, main } = nodeShape(body, request)!
  const groups = body.nodeProperties!.nodeRangeProperties
  const changes = request.nodeOverrides?.nodePropertyOverrides ?? []
  const groupRanges = rangesOf(groups, count)
  const changeRanges = rangesOf(changes, count)
  const known = new Map<string, number>()
  const kinds: NodeJob[] = []
  const kindOf: number[] = []
  for (let node = 0; node < count; node++) {
    const group = narrowestRange(groupRanges, node)
    const change = narrowestRange(changeRanges, node)
    const key = `${group}/${change}/${node === main}`
    let kind = known.get(key)
    if (kind === undefined) {
      kind = kinds.push(nodeJob(definition, request, groups[group], changes[change], node === main)) - 1
      known.set(key, kind)
    }
    kindOf.push(kind)
  }
  return { kinds, kindOf }
}

function rangesOf(entries: { targetNodes: string }[], count: number): (NodeRange | undefined)[] {
  return entries.map(({ targetNodes }) => parseNodeRange(targetNodes, count))
}

function nodeJob(
  definition: JobDefinition,
  request: JobRequest,
  group: NodeRangeProperty | undefined,
  change: NodePropertyOverride | undefined,
  isMain: boolean,
): NodeJob {
  const { nodeProperties: _, timeout, consumableResourceProperties: _job, ...body } = definition.body
  const {
    nodeOverrides: __,
    timeout: ownTimeout,
    consumableResourcePropertiesOverride: _own,
    ...rest
  } = request
  const consumables = group?.consumableResourceProperties
  const changedConsumables = change?.consumableResourcePropertiesOverride
  return {
    definition: {
      ...definition,
      body: {
        ...body,
        ...(group?.container ? { containerProperties: group.container } : {}),
        ...(group?.ecsProperties ? { ecsProperties: group.ecsProperties } : {}),
        ...(group?.eksProperties ? { eksProperties: group.eksProperties } : {}),
        ...(timeout && isMain ? { timeout } : {}),
        ...(consumables ? { consumableResourceProperties: consumables } : {}),
      },
    },
    request: {
      ...rest,
      ...(change?.containerOverrides ? { containerOverrides: change.containerOverrides } : {}),
      ...(change?.ecsPropertiesOverride ? { ecsPropertiesOverride: change.ecsPropertiesOverride } : {}),
      ...(change?.eksPropertiesOverride ? { eksPropertiesOverride: change.eksPropertiesOverride } : {}),
      ...(ownTimeout && isMain ? { timeout: ownTimeout } : {}),
      ...(changedConsumables ? { consumableResourcePropertiesOverride: changedConsumables } : {}),
    },
  }
}

/**
 * A job's node properties as DescribeJobs shows them: the definition's ranges, each with what `effective` makes of one of
 * its nodes. A range whose nodes an override divides is shown in as many parts.
 */
export function effectiveNodeProperties(
  definition: JobDefinition,
  request: JobRequest,
  effective: (job: NodeJob) => Omit<NodeRangeProperty, 'targetNodes' | 'instanceTypes'>,
): NodeProperties {
  const { count, main } = nodeShape(definition.body, request)!
  const groups = definition.body.nodeProperties!.nodeRangeProperties
  const changes = request.nodeOverrides?.nodePropertyOverrides ?? []
  const ranges = rangesOf(groups, count)
  const changeRanges = rangesOf(changes, count)
  const shown = groups.flatMap((group, at) => {
    const nodes = [...Array(count).keys()].filter((node) => narrowestRange(ranges, node) === at)
    return parts(nodes, changeRanges).map(({ from, to, change, whole }) => {
      const instanceTypes = changes[change]?.instanceTypes ?? group.instanceTypes
      return {
        ...group,
        targetNodes: whole ? group.targetNodes : `${from}:${to}`,
        ...effective(nodeJob(definition, request, group, changes[change], false)),
        ...(instanceTypes ? { instanceTypes } : {}),
      }
    })
  })
  return { numNodes: count, mainNode: main, nodeRangeProperties: shown }
}

type Part = { from: number; to: number; change: number; whole: boolean }

/** Nodes of one range, cut where the override that applies to them changes. */
function parts(nodes: number[], changes: (NodeRange | undefined)[]): Part[] {
  const found: Part[] = []
  for (const node of nodes) {
    const change = narrowestRange(changes, node)
    const last = found.at(-1)
    if (last?.change === change && (last.to === node - 1 || changes.length === 0)) last.to = node
    else found.push({ from: node, to: node, change, whole: false })
  }
  if (new Set(found.map(({ change }) => change)).size > 1) return found
  return found.slice(0, 1).map((part) => ({ ...part, whole: true }))
}
