import { registryStub } from '../../bindings.ts'
import { refused } from '../../core/model/outcome.ts'
import { batchOperation } from './batch-operation.ts'
import { parseDefinitionRef } from './definition-ref.ts'

/** A revision must be named. Jobs that have been submitted with it run; it stays to be described. */
export const deregisterJobDefinition = batchOperation(
  'DeregisterJobDefinition',
  async ({ env, deployment }, { jobDefinition }) => {
    const ref = parseDefinitionRef(deployment, jobDefinition)
    if (!ref) return refused(`jobDefinition: job definition ${jobDefinition} does not exist`)
    if (ref.revision === undefined)
      return refused('jobDefinition: must name a revision, as name:revision or by its ARN')
    return registryStub(env).deregisterDefinition(ref)
  },
)
