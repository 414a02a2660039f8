import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type BatchHttp, inParallel } from './batch-http.ts'
import { type BenchServer, withServer } from './bench-server.ts'
import { type Figure, quantile } from './figure.ts'
import { hostlessQueue } from './hostless-queue.ts'

const jobsAtOnce = 1_000
const shallow = 1_000
const repeats = 400
const warmUps = 200

type Sample = { cpuMs: number; p50Ms: number }
type Call = (http: BatchHttp, jobQueue: string, jobIds: string[]) => Promise<unknown>

const calls: Record<string, Call> = {
  SubmitJob: (http, jobQueue) => http.submit('noop', { jobQueue }),
  DescribeJobs: (http, _, jobIds) => http.describe([anyOf(jobIds)]),
  'ListJobs page of 100': (http, jobQueue) =>
    http.call('/v1/listjobs', { jobQueue, jobStatus: 'RUNNABLE', maxResults: 100 }),
  CancelJob: (http, _, jobIds) => http.call('/v1/canceljob', { jobId: anyOf(jobIds), reason: 'bench' }),
  ExplainJob: (http, _, jobIds) => http.get(`/v1/jobs/${anyOf(jobIds)}/explain`),
  GetJobQueueSnapshot: (http, jobQueue) => http.call('/v1/getjobqueuesnapshot', { jobQueue }),
}

/** The same over HTTP, by workerd's CPU a call, one call after the other; and what a million jobs take there. */
export async function measureDepthOverHttp(jobs = 1_000_000): Promise<Figure[]> {
  return withServer(4, async (server, http) => {
    const jobQueue = await hostlessQueue(http)
    await http.define('noop', ['/bin/true'])
    const jobIds: string[] = []
    await fill(http, jobQueue, jobIds, shallow)
    await inParallel(warmUps, 1, () => http.submit('noop', { jobQueue }))
    const low = await samples(server, http, jobQueue, jobIds)
    const bytes = diskBytes(server)
    const rss = rssBytes(server)
    const begun = performance.now()
    await fill(http, jobQueue, jobIds, jobs - shallow)
    const perSecond = ((jobs - shallow) * 1000) / (performance.now() - begun)
    const high = await samples(server, http, jobQueue, jobIds)
    const each = (before: number, after: number) => (after - before) / (jobs - shallow)
    return [
      ...Object.keys(calls).map((name): Figure => {
        const [a, b] = [low.get(name)!, high.get(name)!]
        const note = `${b.cpuMs.toFixed(2)} against ${a.cpuMs.toFixed(2)} ms CPU, p50 ${b.p50Ms.toFixed(1)} against ${a.p50Ms.toFixed(1)} ms`
        return {
          name: `HTTP, ${jobs} against ${shallow}: ${name}`,
          value: b.cpuMs / a.cpuMs,
          unit: '×',
          note,
        }
      }),
      { name: 'bulk submits, 1,000 jobs a request, 2-way', value: perSecond, unit: 'jobs/s' },
      { name: 'bytes on disk for each waiting job', value: each(bytes, diskBytes(server)), unit: 'B' },
      { name: "workerd's memory for each waiting job", value: each(rss, rssBytes(server)), unit: 'B' },
    ]
  })
}

async function fill(http: BatchHttp, jobQueue: string, jobIds: string[], count: number): Promise<void> {
  const job = { jobName: 'bench', jobDefinition: 'noop' }
  await inParallel(Math.ceil(count / jobsAtOnce), 2, async (nth) => {
    const size = Math.min(jobsAtOnce, count - nth * jobsAtOnce)
    const { results } = await http.call<{ results: { jobId: string }[] }>('/v1/submitjobs', {
      jobQueue,
      jobs: Array.from({ length: size }, () => job),
    })
    for (const { jobId } of results) jobIds.push(jobId)
  })
}

async function samples(
  server: BenchServer,
  http: BatchHttp,
  jobQueue: string,
  jobIds: string[],
): Promise<Map<string, Sample>> {
  const taken = new Map<string, Sample>()
  for (const [name, call] of Object.entries(calls)) {
    const times: number[] = []
    const before = await server.cpu()
    await inParallel(repeats, 1, async () => {
      const begun = performance.now()
      await call(http, jobQueue, jobIds)
      times.push(performance.now() - begun)
    })
    const after = await server.cpu()
    taken.set(name, {
      cpuMs: (after.workerd.own - before.workerd.own) / repeats,
      p50Ms: quantile(times, 0.5),
    })
  }
  return taken
}

function anyOf(jobIds: string[]): string {
  return jobIds[Math.floor(Math.random() * jobIds.length)]!
}

/** All data files of the server, logs of SQLite included. */
function diskBytes({ data }: BenchServer): number {
  return readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

function rssBytes(server: BenchServer): number {
  const status = readFileSync(`/proc/${server.workerdPid()}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024
}
