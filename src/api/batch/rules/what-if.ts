import * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import { integer, nameOrArn } from './fields.ts'
import { environmentOrder } from './job-queue.ts'
import type { Rules } from './rule.ts'

const longestRunSeconds = 365 * 86_400

export const whatIfRules: Rules = {
  'WhatIfRequest.jobQueue': () => nameOrArn,
  // Checked as the submit that it would be.
  'WhatIfRequest.job': () => z.unknown(),
  'WhatIfRequest.runSeconds': () => integer(1, longestRunSeconds),
  'WhatIfRequest.assumedRunSeconds': () => integer(1, longestRunSeconds),
  WhatIfRequest: (request: z.ZodObject) =>
    request
      .refine(({ job, jobId }) => job === undefined || jobId === undefined, {
        path: ['jobId'],
        error: 'excludes job',
      })
      .refine(({ job, jobId, runSeconds }) => runSeconds === undefined || job || jobId, {
        path: ['runSeconds'],
        error: 'is about a job: job or jobId must be given',
      })
      .refine(({ job, jobId, changes }) => job || jobId || changes, {
        path: ['changes'],
        error: 'one of job, jobId and changes must be given',
      }),
  'WhatIfChanges.priority': () => integer(0),
  'WhatIfChanges.computeEnvironmentOrder': environmentOrder,
  'WhatIfChanges.computeEnvironments': (list: z.ZodArray) => list.max(limits.environmentsPerQueue),
  'WhatIfEnvironment.computeEnvironment': () => nameOrArn,
  'WhatIfEnvironment.addHosts': (list: z.ZodArray<z.ZodType<{ count?: number }>>) =>
    list.refine((all) => all.reduce((sum, { count = 1 }) => sum + count, 0) <= limits.addedHosts, {
      error: `must be at most ${limits.addedHosts} hosts`,
    }),
  'WhatIfHosts.count': () => integer(1, limits.addedHosts),
  'WhatIfHosts.vcpus': () => z.number().min(0.001).max(10_000),
  'WhatIfHosts.memory': () => integer(1),
  'WhatIfHosts.gpus': () => integer(0, 1000),
  'WhatIfHosts.diskGiB': () => integer(0, 1_000_000),
}
