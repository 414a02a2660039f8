import { consumablesStub, queueStub, registryStub } from '../../bindings.ts'
import { resourceName } from '../../core/model/deployment.ts'
import { parseJobId } from '../../core/model/ids.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { TagChange, Tags } from '../../core/model/tags.ts'
import type { TaggedResource } from '../../objects/registry/registry-rpc.ts'
import type { ApiContext } from '../operation.ts'
import { parseDefinitionRef } from './definition-ref.ts'

/** Where the tags of one resource are kept. */
export type TagHolder = {
  tags(): Promise<Outcome<Tags>>
  change(change: TagChange): Promise<Outcome<object>>
}

/** Kinds of resources by the word in their ARNs; each finds the holder behind a name, if there can be one. */
const holders: Record<string, (context: ApiContext, name: string) => TagHolder | undefined> = {
  'compute-environment': (context, name) => inRegistry(context, { kind: 'environment', name }),
  'job-queue': (context, name) => inRegistry(context, { kind: 'queue', name }),
  'scheduling-policy': (context, name) => inRegistry(context, { kind: 'policy', name }),
  'job-definition': (context, name) => {
    const ref = parseDefinitionRef(context.deployment, name)
    if (ref?.revision === undefined) return undefined
    return inRegistry(context, { kind: 'definition', name: ref.name, revision: ref.revision })
  },
  'consumable-resource': ofConsumable,
  job: ofJob,
}

/** The holder of the tags of the resource that an ARN names; children of array jobs have none. */
export function tagHolder(context: ApiContext, arn: string): Outcome<TagHolder> {
  const kind = /^arn:[^:]*:batch:[^:]*:[^:]*:([a-z-]+)\//.exec(arn)?.[1]
  if (kind === undefined) return refused('resourceArn: must be the ARN of a resource of AWS Batch')
  const name = resourceName(context.deployment, kind, arn)
  const holder = name === undefined ? undefined : holders[kind]?.(context, name)
  return holder
    ? accepted(holder)
    : refused(`resourceArn: resource ${arn} does not exist or cannot have tags`)
}

function inRegistry({ env }: ApiContext, resource: TaggedResource): TagHolder {
  return {
    tags: () => registryStub(env).tagsOf(resource),
    change: (change) => registryStub(env).changeTags(resource, change),
  }
}

function ofConsumable({ env }: ApiContext, name: string): TagHolder {
  return {
    tags: async () => {
      const resource = await consumablesStub(env).describeResource(name)
      return resource.ok ? accepted(resource.value.tags) : resource
    },
    change: (change) => consumablesStub(env).changeTags(name, change),
  }
}

function ofJob({ env, deployment }: ApiContext, id: string): TagHolder | undefined {
  const target = parseJobId(id, deployment.salt)
  if (!target || target.index !== undefined) return undefined
  return {
    tags: () => queueStub(env, target.queue).jobTags(target),
    change: (change) => queueStub(env, target.queue).changeJobTags(target, change),
  }
}
