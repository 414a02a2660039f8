import { setTimeout as sleep } from 'node:timers/promises'
import { type BatchHttp, inParallel } from './batch-http.ts'
import { type BenchServer, withServer } from './bench-server.ts'
import { type Figure, medianFigure } from './figure.ts'

const arraySize = 3_000
const singles = 2_000
/** Connections the single jobs are submitted over. */
const submitters = 16
const warmUps = 200
const repeats = 3
/** Rare: what is asked while jobs run is paid by the same two cores. */
const pollMs = 250
const describedAtOnce = 100

type Sample = { perSecond: number; workerd: number; agent: number; jobs: number }

/** Jobs that spawn /bin/true, completed a second, and the CPU that the system's parts use for a thousand of them. */
export async function measureNoopJobs(): Promise<Figure[]> {
  return withServer(submitters, async (server, http) => {
    await http.define('noop', ['/bin/true'])
    await runSingles(http, warmUps)
    const arrays: Sample[] = []
    const single: Sample[] = []
    for (let repeat = 0; repeat < repeats; repeat++) {
      arrays.push(await sample(server, arraySize, () => runArray(http, arraySize)))
      single.push(await sample(server, singles, () => runSingles(http, singles)))
    }
    return [...report(`array of ${arraySize}`, arrays), ...report(`${singles} single jobs`, single)]
  })
}

async function sample(server: BenchServer, count: number, run: () => Promise<number>): Promise<Sample> {
  const before = await server.cpu()
  const begunAt = Date.now()
  const endedAt = await run()
  const after = await server.cpu()
  const perThousand = (ms: number) => ms / count
  return {
    perSecond: (count * 1000) / (endedAt - begunAt),
    workerd: perThousand(after.workerd.own - before.workerd.own),
    agent: perThousand(after.agent.own - before.agent.own),
    jobs: perThousand(after.agent.children - before.agent.children),
  }
}

/** Resolves with when the last child ended. */
async function runArray(http: BatchHttp, size: number): Promise<number> {
  const jobId = await http.submit('noop', { arrayProperties: { size } })
  return untilEnded(http, [jobId])
}

/** Resolves with when the last job ended. */
async function runSingles(http: BatchHttp, count: number): Promise<number> {
  const jobIds: string[] = []
  await inParallel(count, submitters, async () => jobIds.push(await http.submit('noop')))
  return untilEnded(http, jobIds)
}

async function untilEnded(http: BatchHttp, jobIds: string[]): Promise<number> {
  const waiting = new Set(jobIds)
  let endedAt = 0
  while (waiting.size > 0) {
    await sleep(pollMs)
    for (let more = true; more && waiting.size > 0; ) {
      const jobs = await http.describe([...waiting].slice(0, describedAtOnce))
      for (const { jobId, status, statusReason, stoppedAt } of jobs) {
        if (status === 'FAILED') throw new Error(`${jobId} failed: ${statusReason}`)
        if (status !== 'SUCCEEDED') more = false
        else if (waiting.delete(jobId!)) endedAt = Math.max(endedAt, stoppedAt!)
      }
    }
  }
  return endedAt
}

function report(name: string, samples: Sample[]): Figure[] {
  const pick = (member: keyof Sample) => samples.map((each) => each[member])
  return [
    medianFigure(`/bin/true completed, ${name}`, pick('perSecond'), 'jobs/s'),
    medianFigure(`control-plane CPU, ${name}`, pick('workerd'), 's per 1,000', 'workerd'),
    medianFigure(`agent CPU, ${name}`, pick('agent'), 's per 1,000', 'the agent without its children'),
    medianFigure(`CPU of the jobs, ${name}`, pick('jobs'), 's per 1,000', 'fork, exec, shim and /bin/true'),
  ]
}
