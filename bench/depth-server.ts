import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BatchHttp, inParallel } from './batch-http.ts'
import { type BenchServer, withServer } from './bench-server.ts'
import { type Figure, quantile } from './figure.ts'
import { hostlessQueue } from './hostless-queue.ts'

const jobsAtOnce = 1_000
const shallow = 1_000
const repeats = 400
/** How long the queue's head is watched. */
const drainMs = 5_000
const fewWaiting = 3_000

type Sample = { cpuMs: number; p50Ms: number }
type Call = (http: BatchHttp, jobQueue: string, jobIds: string[]) => Promise<unknown>

const calls: Record<string, Call> = {
  SubmitJob: (http, jobQueue) => http.submit('noop', { jobQueue }),
  DescribeJobs: (http, _, jobIds) => http.describe([anyOf(jobIds)]),
  'ListJobs page of 100': (http, jobQueue) =>
    http.call('/v1/listjobs', { jobQueue, jobStatus: 'RUNNABLE', maxResults: 100 }),
  ExplainJob: (http, _, jobIds) => http.get(`/v1/jobs/${anyOf(jobIds)}/explain`),
  GetJobQueueSnapshot: (http, jobQueue) => http.call('/v1/getjobqueuesnapshot', { jobQueue }),
  // Last: what is explained waits.
  CancelJob: (http, _, jobIds) => http.call('/v1/canceljob', { jobId: anyOf(jobIds), reason: 'bench' }),
}

/** The same over HTTP, by workerd's CPU a call, one call after the other; and what a million jobs take there. */
export async function measureDepthOverHttp(jobs = 1_000_000): Promise<Figure[]> {
  return withServer(4, async (server, http) => {
    const jobQueue = await hostlessQueue(http)
    await http.define('noop', ['/bin/true'])
    const jobIds: string[] = []
    await fill(http, jobQueue, jobIds, shallow)
    await warmUp(server, http)
    const low = await samples(server, http, jobQueue, jobIds)
    const bytes = diskBytes(server)
    const rss = rssBytes(server)
    const begun = performance.now()
    await fill(http, jobQueue, jobIds, jobs - shallow)
    const perSecond = ((jobs - shallow) * 1000) / (performance.now() - begun)
    const high = await samples(server, http, jobQueue, jobIds)
    const size = diskBytes(server)
    const memory = rssBytes(server)
    const shallowRate = await drainRate(server, http, 'default', () => fill(http, 'default', [], fewWaiting))
    while ((await headOf(http, 'default')) !== undefined) await sleep(drainMs / 10)
    const deepRate = await drainRate(server, http, jobQueue, () => openQueue(http, jobQueue))
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
      ...[
        { waiting: fewWaiting.toLocaleString('en-US'), rate: shallowRate },
        { waiting: jobs.toLocaleString('en-US'), rate: deepRate },
      ].map(({ waiting, rate }) => ({
        name: `/bin/true started a second with ${waiting} waiting`,
        value: rate.perSecond,
        unit: 'jobs/s',
        note: `workerd's CPU ${rate.cpuMs.toFixed(2)} ms a job`,
      })),
      { name: 'bytes on disk for each waiting job', value: each(bytes, size), unit: 'B' },
      { name: "workerd's memory for each waiting job", value: each(rss, memory), unit: 'B' },
    ]
  })
}

/** The same calls on another queue: workerd compiles what is called often. */
async function warmUp(server: BenchServer, http: BatchHttp): Promise<void> {
  const jobQueue = await hostlessQueue(http, 'warm')
  const jobIds: string[] = []
  await fill(http, jobQueue, jobIds, shallow)
  await samples(server, http, jobQueue, jobIds)
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

/** The environment of the server's own agent takes the queue's jobs from now on. */
function openQueue(http: BatchHttp, jobQueue: string): Promise<unknown> {
  const computeEnvironmentOrder = [{ order: 1, computeEnvironment: 'local' }]
  return http.call('/v1/updatejobqueue', { jobQueue, computeEnvironmentOrder })
}

/** How fast jobs leave the head of a queue once `begin` has let them, and workerd's CPU for each. */
async function drainRate(
  server: BenchServer,
  http: BatchHttp,
  jobQueue: string,
  begin: () => Promise<unknown>,
): Promise<{ perSecond: number; cpuMs: number }> {
  await begin()
  const before = { head: await headOf(http, jobQueue), cpu: await server.cpu(), at: performance.now() }
  await sleep(drainMs)
  const after = { head: await headOf(http, jobQueue), cpu: await server.cpu(), at: performance.now() }
  const started = (after.head ?? Number.NaN) - (before.head ?? Number.NaN)
  return {
    perSecond: (started * 1000) / (after.at - before.at),
    cpuMs: (after.cpu.workerd.own - before.cpu.workerd.own) / started,
  }
}

/** The sequence number of the first job that waits, if one does: a queue of equal jobs starts them in this order. */
async function headOf(http: BatchHttp, jobQueue: string): Promise<number | undefined> {
  type Snapshot = { frontOfQueue: { jobs: { jobArn: string }[] } }
  const { frontOfQueue } = await http.call<Snapshot>('/v1/getjobqueuesnapshot', { jobQueue })
  const [first] = frontOfQueue.jobs
  if (!first) return undefined
  const [, , high, middle, low] = /\/(\w+)-(\w+)-(\w+)-(\w+)/.exec(first.jobArn) ?? []
  return Number.parseInt(`${high}${middle!.slice(1)}${low!.slice(1)}`, 16)
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
