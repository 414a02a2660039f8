import { queueStub, registryStub } from '../../bindings.ts'
import { limits } from '../../core/limits.ts'
import { batchArn, type Deployment } from '../../core/model/deployment.ts'
import type { JobState } from '../../core/model/job.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { ConsumerPage, ListConsumers } from '../../objects/queue/queue-rpc.ts'
import type { ApiContext } from '../operation.ts'
import { batchOperation } from './batch-operation.ts'
import { callConsumables } from './consumable-route.ts'
import { pageQuery } from './describe-named.ts'
import type { InputOf } from './model/model-types.ts'

/** Where the page before stopped: in which queue, below which job of it. */
type Position = { queue: number; before?: number }

/** Jobs of all queues, one queue after the other, each queue's newest first. Of an array the parent is listed. */
export const listJobsByConsumableResource = batchOperation(
  'ListJobsByConsumableResource',
  async (context, input) => {
    const { maxResults, nextToken } = pageQuery(input)
    const from = nextToken === undefined ? { queue: 0 } : decodePosition(nextToken)
    if (!from) return refused('nextToken: not a token of this operation')
    const resource = await callConsumables(context, input.consumableResource, (consumables, name) =>
      consumables.describeResource(name),
    )
    if (!resource.ok) return resource
    const query = { resource: resource.value.name, ...filtersOf(input), maxResults }
    const page = await pageFrom(context, query, from)
    if (!page.ok) return page
    return accepted({
      jobs: page.value.jobs.map((job) => consumerSummary(context.deployment, job)),
      ...(page.value.next ? { nextToken: btoa(JSON.stringify(page.value.next)) } : {}),
    })
  },
)

function filtersOf(input: InputOf<'ListJobsByConsumableResource'>): Pick<ListConsumers, 'states' | 'names'> {
  const valuesOf = (name: string) =>
    (input.filters ?? []).flatMap((filter) => (filter.name === name ? (filter.values ?? []) : []))
  return { states: valuesOf('JOB_STATUS') as JobState[], names: valuesOf('JOB_NAME') }
}

async function pageFrom(
  { env }: ApiContext,
  query: Omit<ListConsumers, 'before'>,
  from: Position,
): Promise<Outcome<{ jobs: ConsumerPage['jobs']; next?: Position }>> {
  const queues = await registryStub(env).describeQueues([], { maxResults: limits.describeResources })
  if (!queues.ok) return queues
  const jobs: ConsumerPage['jobs'] = []
  for (const { number } of queues.value.items) {
    if (number < from.queue) continue
    const before = number === from.queue ? from.before : undefined
    const maxResults = query.maxResults - jobs.length
    if (maxResults === 0) return accepted({ jobs, next: { queue: number } })
    const asked = { ...query, maxResults, ...(before === undefined ? {} : { before }) }
    const page = await queueStub(env, number).listConsumers(asked)
    jobs.push(...page.jobs)
    if (page.last !== undefined) return accepted({ jobs, next: { queue: number, before: page.last } })
  }
  return accepted({ jobs })
}

/** The API's ListJobsByConsumableResourceSummary. */
function consumerSummary(deployment: Deployment, { view, quantity }: ConsumerPage['jobs'][number]): object {
  const { name, revision } = view.definition
  return {
    jobArn: batchArn(deployment, `job/${view.jobId}`),
    jobQueueArn: batchArn(deployment, `job-queue/${view.queue}`),
    jobName: view.jobName,
    jobDefinitionArn: batchArn(deployment, `job-definition/${name}:${revision}`),
    ...(view.shareIdentifier === undefined ? {} : { shareIdentifier: view.shareIdentifier }),
    jobStatus: view.state,
    quantity,
    ...(view.statusReason === undefined ? {} : { statusReason: view.statusReason }),
    ...(view.startedAt === undefined ? {} : { startedAt: view.startedAt }),
    createdAt: view.createdAt,
    consumableResourceProperties: view.consumableResourceProperties ?? {},
  }
}

function decodePosition(token: string): Position | undefined {
  try {
    const { queue, before } = JSON.parse(atob(token)) as Record<string, unknown>
    if (!Number.isSafeInteger(queue)) return undefined
    return { queue: queue as number, ...(Number.isSafeInteger(before) ? { before: before as number } : {}) }
  } catch {
    return undefined
  }
}
