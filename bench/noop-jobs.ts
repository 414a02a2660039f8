import { setTimeout as sleep } from 'node:timers/promises'
import type { DescribeJobQueuesCommandOutput } from '@aws-sdk/client-batch'
import { type BatchHttp, inParallel } from './batch-http.ts'
import { type BenchServer, withServer } from './bench-server.ts'
import { type Figure, medianFigure } from './figure.ts'

const arraySize = 3_000
const singles = 2_000
/** Of a fair-share queue: as many as may be active at once. */
const shares = 500
/** Connections the single jobs are submitted over. */
const submitters = 16
const warmUps = 200
const repeats = 3
/** Rare: what is asked while jobs run is paid by the same two cores. */
const pollMs = 250
const describedAtOnce = 100

type Sample = { perSecond: number; workerd: number; agent: number; jobs: number }

/**
 * Jobs that spawn /bin/true, completed a second from the first submit to the last end, and the CPU that the system's
 * parts use for a thousand of them, submits included.
 */
export async function measureNoopJobs(): Promise<Figure[]> {
  return withServer(submitters, async (server, http) => {
    await http.define('noop', ['/bin/true'])
    await untilEnded(http, await submitSingles(http, warmUps))
    const arrays: Sample[] = []
    const single: Sample[] = []
    const shared: Sample[] = []
    await createSharedQueue(http)
    for (let repeat = 0; repeat < repeats; repeat++) {
      arrays.push(await sample(server, http, arraySize, () => submitArray(http, arraySize)))
      single.push(await sample(server, http, singles, () => submitSingles(http, singles)))
      shared.push(await sample(server, http, singles, () => submitShared(http, singles)))
    }
    return [
      ...report(`array of ${arraySize}`, arrays),
      ...report(`${singles} single jobs`, single),
      ...report(`${singles} single jobs of ${shares} shares`, shared),
    ]
  })
}

/** `run` submits and resolves with the jobs' ids. */
async function sample(
  server: BenchServer,
  http: BatchHttp,
  count: number,
  run: () => Promise<string[]>,
): Promise<Sample> {
  const before = await server.cpu()
  const begunAt = Date.now()
  const jobIds = await run()
  await untilEnded(http, jobIds.slice(-submitters))
  const after = await server.cpu()
  const endedAt = await untilEnded(http, jobIds)
  const perThousand = (ms: number) => ms / count
  return {
    perSecond: (count * 1000) / (endedAt - begunAt),
    workerd: perThousand(after.workerd.own - before.workerd.own),
    agent: perThousand(after.agent.own - before.agent.own),
    jobs: perThousand(after.agent.children - before.agent.children),
  }
}

async function submitArray(http: BatchHttp, size: number): Promise<string[]> {
  return [await http.submit('noop', { arrayProperties: { size } })]
}

async function submitSingles(http: BatchHttp, count: number): Promise<string[]> {
  const jobIds: string[] = []
  await inParallel(count, submitters, async () => jobIds.push(await http.submit('noop')))
  return jobIds
}

/** A fair-share queue on the environment of the default one. */
async function createSharedQueue(http: BatchHttp): Promise<void> {
  const { jobQueues } = await http.call<DescribeJobQueuesCommandOutput>('/v1/describejobqueues', {
    jobQueues: ['default'],
  })
  const { arn } = await http.call<{ arn: string }>('/v1/createschedulingpolicy', {
    name: 'shared',
    fairsharePolicy: { shareDecaySeconds: 600 },
  })
  await http.call('/v1/createjobqueue', {
    jobQueueName: 'shared',
    priority: 1,
    schedulingPolicyArn: arn,
    computeEnvironmentOrder: jobQueues![0]!.computeEnvironmentOrder,
  })
}

async function submitShared(http: BatchHttp, count: number): Promise<string[]> {
  const jobIds: string[] = []
  await inParallel(count, submitters, async (n) =>
    jobIds.push(await http.submit('noop', { jobQueue: 'shared', shareIdentifier: `share${n % shares}` })),
  )
  return jobIds
}

/** Resolves with when the last of them ended, epoch ms. */
async function untilEnded(http: BatchHttp, jobIds: string[]): Promise<number> {
  let endedAt = 0
  for (let at = 0; at < jobIds.length; ) {
    const jobs = await http.describe(jobIds.slice(at, at + describedAtOnce))
    const failed = jobs.find(({ status }) => status === 'FAILED')
    if (failed) throw new Error(`${failed.jobId} failed: ${failed.statusReason}`)
    if (jobs.every(({ status }) => status === 'SUCCEEDED')) {
      endedAt = Math.max(endedAt, ...jobs.map(({ stoppedAt }) => stoppedAt!))
      at += jobs.length
    } else await sleep(pollMs)
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
