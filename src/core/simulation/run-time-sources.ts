import type { RunTimeSource } from './easy.ts'

/** What the user said. */
export const userEstimates: RunTimeSource = { estimate: (job) => job.boundMs }

/** What only an oracle knows. */
export const exactRunTimes: RunTimeSource = { estimate: (job) => job.runMs }
