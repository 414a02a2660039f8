import { setTimeout as sleep } from 'node:timers/promises'
import type { JobDetail } from '@aws-sdk/client-batch'
import type { BatchHttp } from './batch-http.ts'
import { withServer } from './bench-server.ts'
import { type Figure, quantile } from './figure.ts'

const jobs = 200
const warmUps = 10
/** Nothing is asked of the system while a job starts; a poll would wake it. */
const quietMs = 100
const pollMs = 20

/**
 * Submit to start on the idle system, one job after the other: from just before the request to the moment at which the
 * job's own process reads the clock. The job is date(1), which prints that moment; it reaches us through GetLogEvents.
 */
export async function measureStartLatency(): Promise<Figure[]> {
  return withServer(1, async (_, http) => {
    await http.define('date', ['date', '+%s%N'])
    for (let i = 0; i < warmUps; i++) await runOne(http)
    const runs: { process: number; started: number }[] = []
    while (runs.length < jobs) runs.push(await runOne(http))
    const toProcess = runs.map(({ process }) => process)
    const toStartedAt = runs.map(({ started }) => started)
    const note = `${jobs} jobs one after the other, by the clock of the job's own process`
    return [
      { name: 'submit to start, idle, p50', value: quantile(toProcess, 0.5), unit: 'ms', note },
      { name: 'submit to start, idle, p99', value: quantile(toProcess, 0.99), unit: 'ms', note },
      { name: 'submit to startedAt, idle, p50', value: quantile(toStartedAt, 0.5), unit: 'ms' },
      { name: 'submit to startedAt, idle, p99', value: quantile(toStartedAt, 0.99), unit: 'ms' },
    ]
  })
}

async function runOne(http: BatchHttp): Promise<{ process: number; started: number }> {
  const submittedAt = performance.timeOrigin + performance.now()
  const jobId = await http.submit('date')
  await sleep(quietMs)
  const job = await untilSucceeded(http, jobId)
  const lines = await untilPrinted(http, job)
  return { process: Number(lines[0]) / 1e6 - submittedAt, started: job.startedAt! - submittedAt }
}

async function untilSucceeded(http: BatchHttp, jobId: string): Promise<JobDetail> {
  for (;;) {
    const [job] = await http.describe([jobId])
    if (job?.status === 'SUCCEEDED') return job
    if (job?.status === 'FAILED') throw new Error(`${jobId} failed: ${job.statusReason}`)
    await sleep(pollMs)
  }
}

/** The stream appears with the first line that has arrived. */
async function untilPrinted(http: BatchHttp, job: JobDetail): Promise<string[]> {
  for (;;) {
    const lines = await http.readLog(job).catch((error: Error) => {
      if (error.message.includes('ResourceNotFoundException')) return []
      throw error
    })
    if (lines.length > 0) return lines
    await sleep(pollMs)
  }
}
