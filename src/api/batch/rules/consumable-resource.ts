import * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import { consumableOperations, consumableTypes } from '../../../core/model/consumable.ts'
import { jobStates } from '../../../core/model/job.ts'
import { integer, maxResults, nameOrArn, newName, nextToken, tags } from './fields.ts'
import type { Rules } from './rule.ts'

/** Quantities are the model's Long; beyond this no number in JSON is exact. */
const quantity = (min: number) => integer(min, Number.MAX_SAFE_INTEGER)
const texts = z.array(z.string()).min(1).max(limits.describeResources)

/** Consumable resources, and the lists of them that definitions and jobs have. */
export const consumableResourceRules: Rules = {
  'CreateConsumableResourceRequest.consumableResourceName': () => newName,
  'CreateConsumableResourceRequest.totalQuantity': () => quantity(0),
  'CreateConsumableResourceRequest.resourceType': () => z.enum(consumableTypes),
  'CreateConsumableResourceRequest.tags': () => tags,
  'UpdateConsumableResourceRequest.consumableResource': () => nameOrArn,
  'UpdateConsumableResourceRequest.operation': () => z.enum(consumableOperations),
  'UpdateConsumableResourceRequest.quantity': () => quantity(0),
  'UpdateConsumableResourceRequest.clientToken': (token: z.ZodString) => token.min(1).max(64),
  UpdateConsumableResourceRequest: (request: z.ZodObject) =>
    request.required({ operation: true, quantity: true }),
  'DeleteConsumableResourceRequest.consumableResource': () => nameOrArn,
  'DescribeConsumableResourceRequest.consumableResource': () => nameOrArn,
  'ListConsumableResourcesRequest.filters': () =>
    z.array(z.object({ name: z.literal('CONSUMABLE_RESOURCE_NAME'), values: texts })).max(1),
  'ListConsumableResourcesRequest.maxResults': maxResults,
  'ListConsumableResourcesRequest.nextToken': nextToken,
  'ListJobsByConsumableResourceRequest.consumableResource': () => nameOrArn,
  'ListJobsByConsumableResourceRequest.filters': () => z.array(jobFilter).max(2),
  'ListJobsByConsumableResourceRequest.maxResults': maxResults,
  'ListJobsByConsumableResourceRequest.nextToken': nextToken,
  'ConsumableResourceProperties.consumableResourceList': (list: z.ZodArray) =>
    list.max(limits.consumablesPerJob),
  'ConsumableResourceRequirement.consumableResource': () => nameOrArn,
  'ConsumableResourceRequirement.quantity': () => quantity(1),
  ConsumableResourceRequirement: (requirement: z.ZodObject) =>
    requirement.required({ consumableResource: true, quantity: true }),
}

const jobFilter = z.discriminatedUnion('name', [
  z.object({ name: z.literal('JOB_STATUS'), values: z.array(z.enum(jobStates)).min(1) }),
  z.object({ name: z.literal('JOB_NAME'), values: texts }),
])
