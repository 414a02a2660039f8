import type { JobDetail, SubmitJobCommandInput } from '@aws-sdk/client-batch'
import { Pool } from 'undici'

/** What a benchmark asks of a server over plain HTTP with a bearer token, at little cost to the machine both run on. */
export class BatchHttp {
  private readonly pool: Pool
  private readonly headers: Record<string, string>

  constructor(url: string, token: string, connections: number) {
    this.pool = new Pool(url, { connections, pipelining: 1 })
    this.headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  }

  /** Calls an operation by its path. Rejects on every answer but 200. */
  async call<Answer>(path: string, input: object, more: Record<string, string> = {}): Promise<Answer> {
    const { statusCode, body } = await this.pool.request({
      method: 'POST',
      path,
      headers: { ...this.headers, ...more },
      body: JSON.stringify(input),
    })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`${path} was answered ${statusCode}: ${text}`)
    return JSON.parse(text) as Answer
  }

  /** The same for what is asked by GET. */
  async get<Answer>(path: string): Promise<Answer> {
    const { statusCode, body } = await this.pool.request({ method: 'GET', path, headers: this.headers })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`${path} was answered ${statusCode}: ${text}`)
    return JSON.parse(text) as Answer
  }

  /** Registers a definition of one vCPU and 64 MiB that runs `command`, under that name. */
  async define(name: string, command: string[]): Promise<void> {
    await this.call('/v1/registerjobdefinition', {
      jobDefinitionName: name,
      type: 'container',
      containerProperties: {
        image: 'none',
        command,
        resourceRequirements: [
          { type: 'VCPU', value: '1' },
          { type: 'MEMORY', value: '64' },
        ],
      },
    })
  }

  /** Submits to the queue `default` unless told otherwise; resolves with the job's id once it is accepted for good. */
  async submit(jobDefinition: string, more: Partial<SubmitJobCommandInput> = {}): Promise<string> {
    const job = { jobName: 'bench', jobQueue: 'default', jobDefinition, ...more }
    return (await this.call<{ jobId: string }>('/v1/submitjob', job)).jobId
  }

  /** At most 100 jobs. */
  async describe(jobs: string[]): Promise<JobDetail[]> {
    return (await this.call<{ jobs: JobDetail[] }>('/v1/describejobs', { jobs })).jobs
  }

  /** What a job has printed so far. */
  async readLog(job: JobDetail): Promise<string[]> {
    const { events } = await this.call<{ events: { message: string }[] }>(
      '/',
      {
        logGroupName: '/aws/batch/job',
        logStreamName: job.container!.logStreamName!,
        startFromHead: true,
      },
      { 'x-amz-target': 'Logs_20140328.GetLogEvents', 'content-type': 'application/x-amz-json-1.1' },
    )
    return events.map(({ message }) => message)
  }

  close(): Promise<void> {
    return this.pool.close()
  }
}

/** Runs `task` for 0, 1, … `count - 1`, `concurrency` of them at a time. */
export async function inParallel(
  count: number,
  concurrency: number,
  task: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) await task(next++)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}
