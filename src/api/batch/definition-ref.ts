import { type Deployment, resourceName } from '../../core/model/deployment.ts'
import type { JobDefinitionRef } from '../../core/model/job-definition.ts'

/** What `name`, `name:revision` or an ARN with or without revision names; undefined for anything else. */
export function parseDefinitionRef(deployment: Deployment, text: string): JobDefinitionRef | undefined {
  const name = resourceName(deployment, 'job-definition', text)
  const match = /^([a-zA-Z0-9_-]{1,128})(?::([1-9][0-9]{0,8}))?$/.exec(name ?? '')
  if (!match) return undefined
  return match[2] === undefined ? { name: match[1]! } : { name: match[1]!, revision: Number(match[2]) }
}
