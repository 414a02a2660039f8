import { setTimeout as sleep } from 'node:timers/promises'
import {
  DescribeJobsCommand,
  type JobDetail,
  type KeyValuePair,
  RegisterJobDefinitionCommand,
  type RegisterJobDefinitionCommandInput,
  SubmitJobCommand,
  type SubmitJobCommandInput,
} from '@aws-sdk/client-batch'
import { GetLogEventsCommand, ResourceNotFoundException } from '@aws-sdk/client-cloudwatch-logs'
import type { Server } from './server.ts'

const pollMs = 50
const waitMs = 120_000

/** Registers a definition that runs a shell script, and resolves with its ARN. */
export async function defineScript(
  server: Server,
  script: string,
  more: Partial<RegisterJobDefinitionCommandInput> & { environment?: KeyValuePair[] } = {},
): Promise<string> {
  const { environment = [], ...rest } = more
  const { jobDefinitionArn } = await server.batch.send(
    new RegisterJobDefinitionCommand({
      jobDefinitionName: 'script',
      type: 'container',
      containerProperties: {
        image: 'busybox',
        command: ['sh', '-c', script],
        environment,
        resourceRequirements: [
          { type: 'VCPU', value: '1' },
          { type: 'MEMORY', value: '64' },
        ],
      },
      ...rest,
    }),
  )
  return jobDefinitionArn!
}

/** Submits to the queue `default` and resolves with the job's id. */
export async function submit(
  server: Server,
  jobDefinition: string,
  more: Partial<SubmitJobCommandInput> = {},
): Promise<string> {
  const { jobId } = await server.batch.send(
    new SubmitJobCommand({ jobName: 'job', jobQueue: 'default', jobDefinition, ...more }),
  )
  return jobId!
}

export async function describeJob(server: Server, jobId: string): Promise<JobDetail> {
  const { jobs } = await server.batch.send(new DescribeJobsCommand({ jobs: [jobId] }))
  if (!jobs?.[0]) throw new Error(`no such job: ${jobId}`)
  return jobs[0]
}

/** The job once `condition` holds of it. Rejects, telling its state, if it does not within two minutes. */
export async function waitForJob(
  server: Server,
  jobId: string,
  condition: (job: JobDetail) => boolean,
): Promise<JobDetail> {
  const deadline = performance.now() + waitMs
  while (true) {
    const job = await describeJob(server, jobId)
    if (condition(job)) return job
    if (performance.now() > deadline) {
      throw new Error(
        `${jobId} is still ${job.status} (${job.statusReason ?? 'no reason'})\n${server.said()}`,
      )
    }
    await sleep(pollMs)
  }
}

export function waitForEnd(server: Server, jobId: string): Promise<JobDetail> {
  return waitForJob(server, jobId, ({ status }) => status === 'SUCCEEDED' || status === 'FAILED')
}

export function waitForState(server: Server, jobId: string, state: string): Promise<JobDetail> {
  return waitForJob(server, jobId, ({ status }) => status === state)
}

/** What a job has printed so far, as GetLogEvents tells it; nothing while its stream does not exist yet. */
export async function readLines(server: Server, job: JobDetail): Promise<string[]> {
  try {
    const { events = [] } = await server.logs.send(
      new GetLogEventsCommand({
        logGroupName: '/aws/batch/job',
        logStreamName: job.container!.logStreamName!,
        startFromHead: true,
      }),
    )
    return events.map((event) => event.message!)
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return []
    throw error
  }
}

/** What a job has printed, once there is a line of it that satisfies `isLast`. */
export async function waitForLine(
  server: Server,
  job: JobDetail,
  isLast: (line: string) => boolean,
): Promise<string[]> {
  const deadline = performance.now() + waitMs
  while (true) {
    const lines = await readLines(server, job)
    if (lines.some(isLast)) return lines
    if (performance.now() > deadline) throw new Error(`not printed in time; so far: ${lines.join('\n')}`)
    await sleep(pollMs)
  }
}
