import { computeEnvironmentRules } from './compute-environment.ts'
import { consumableResourceRules } from './consumable-resource.ts'
import { containerRules } from './container.ts'
import { jobRules } from './job.ts'
import { jobDefinitionRules } from './job-definition.ts'
import { jobQueueRules } from './job-queue.ts'
import { nodeRules } from './nodes.ts'
import { podRules } from './pod.ts'
import type { Rule, Rules } from './rule.ts'
import { schedulingPolicyRules } from './scheduling-policy.ts'
import { searchRules } from './search.ts'
import { tagRules } from './tags.ts'
import { taskRules } from './task.ts'
import { whatIfRules } from './what-if.ts'

const all: Rules = {
  ...computeEnvironmentRules,
  ...consumableResourceRules,
  ...containerRules,
  ...jobDefinitionRules,
  ...jobQueueRules,
  ...jobRules,
  ...nodeRules,
  ...searchRules,
  ...podRules,
  ...taskRules,
  ...schedulingPolicyRules,
  ...tagRules,
  ...whatIfRules,
}

/** The hand-made rules, by structure or `Structure.member`. */
export const rules: Readonly<Record<string, Rule | undefined>> = all
