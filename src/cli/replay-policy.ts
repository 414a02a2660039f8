import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { QueuePolicy } from '../core/simulation/simulated-queue.ts'
import { CliError } from './cli-error.ts'

const limits = z
  .strictObject({
    runningJobs: z.int().min(1).optional(),
    vcpus: z.int().min(1).optional(),
    gpus: z.int().min(1).optional(),
  })
  .optional()

/** Of the API's members those that a replay simulates; another one is refused rather than passed over. */
const queuePolicy = z.strictObject({
  schedulingSettings: z
    .strictObject({
      blockedHead: z.enum(['BACKFILL', 'STRICT']).optional(),
      limits,
      // There are no other queues on the machine.
      preemption: z.array(z.enum(['SHARES'])).optional(),
    })
    .optional(),
  fairsharePolicy: z
    .strictObject({
      shareDecaySeconds: z.int().min(0).max(604_800).optional(),
      computeReservation: z.int().min(0).max(99).optional(),
      usage: z.enum(['VCPU', 'MEMORY', 'GPU', 'DOMINANT', 'COST']).optional(),
      shareDistribution: z
        .array(
          z.strictObject({
            shareIdentifier: z.string().min(1),
            weightFactor: z.number().min(0.0001).max(999.9999).optional(),
            limits,
          }),
        )
        .max(500)
        .optional(),
    })
    .optional(),
})

/** Reads `schedulingSettings` and `fairsharePolicy` of a JSON file. Throws CliError that names the member that is wrong. */
export async function readReplayPolicy(path: string): Promise<QueuePolicy> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new CliError(`${path} cannot be read as JSON: ${(error as Error).message}`)
  }
  const parsed = queuePolicy.safeParse(value)
  if (parsed.success) return parsed.data as QueuePolicy
  const [issue] = parsed.error.issues
  throw new CliError(`${path}: ${issue!.path.join('.') || 'the policy'}: ${issue!.message}`)
}
