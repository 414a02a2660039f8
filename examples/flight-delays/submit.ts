import { join } from 'node:path'
import { type BatchClient, RegisterJobDefinitionCommand, SubmitJobCommand } from '@aws-sdk/client-batch'

export type FlightDelaysInput = {
  /** A JSON array of flights. */
  data: string
  /** A folder that all the jobs see; the slices leave their results in it. */
  work: string
  slices: number
  /** The program of the slices, `slice.ts` if nothing else is given. */
  sliceScript?: string
}

export type FlightDelaysJobs = { arrayId: string; mergeId: string }

const script = (name: string) => join(import.meta.dirname, name)

/**
 * Registers a job definition and submits to the queue `default` an array job, one child per slice of the data, and
 * a job that starts once every slice has succeeded and prints the report.
 */
export async function submitFlightDelays(
  batch: BatchClient,
  input: FlightDelaysInput,
): Promise<FlightDelaysJobs> {
  const { jobDefinitionArn } = await batch.send(
    new RegisterJobDefinitionCommand({
      jobDefinitionName: 'flight-delays',
      type: 'container',
      containerProperties: {
        // The process runtime runs the command as it is and makes no use of the image.
        image: 'node:24',
        command: [process.execPath, 'Ref::script', 'Ref::data', 'Ref::work'],
        resourceRequirements: [
          { type: 'VCPU', value: '1' },
          { type: 'MEMORY', value: '512' },
        ],
      },
      retryStrategy: { attempts: 3 },
      timeout: { attemptDurationSeconds: 120 },
    }),
  )
  const common = { jobQueue: 'default', jobDefinition: jobDefinitionArn }
  const { data, work } = input
  const array = await batch.send(
    new SubmitJobCommand({
      ...common,
      jobName: 'flight-delays-slices',
      arrayProperties: { size: input.slices },
      parameters: { data, work, script: input.sliceScript ?? script('slice.ts') },
    }),
  )
  const merge = await batch.send(
    new SubmitJobCommand({
      ...common,
      jobName: 'flight-delays-merge',
      dependsOn: [{ jobId: array.jobId }],
      parameters: { data, work, script: script('merge.ts') },
    }),
  )
  return { arrayId: array.jobId!, mergeId: merge.jobId! }
}
