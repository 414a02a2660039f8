import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { JobRequest } from '../src/core/model/job.ts'
import type { QueueConfig } from '../src/core/model/queue.ts'
import { DeepQueue } from './deep-queue.ts'
import { depthOperations, type Operation } from './depth-operations.ts'
import { type Figure, median } from './figure.ts'

/** A queue at one depth. `size`: of each array, where it is of arrays. `shares`: among which its jobs are spread. */
type Depth = { jobs: number; size?: number; shares?: number }
type Scenario = { name: string; shallow: Depth; deep: Depth }

const fairShare: Partial<QueueConfig> = {
  schedulingPolicyArn: 'policy',
  fairsharePolicy: { shareDecaySeconds: 600, shareDistribution: [] },
}
const rounds = 150
const warmUps = 20

/** Jobs of the queue that is compared with one of equal depth without shares. */
const sharedJobs = 50_000

/** What a queue's operations cost at a great depth, as a multiple of what they cost at 1,000 jobs; and in 500 shares, of one FIFO queue. */
export async function measureDepth(jobs = 1_000_000): Promise<Figure[]> {
  const scenarios: Scenario[] = [
    { name: 'single jobs', shallow: { jobs: 1_000 }, deep: { jobs } },
    { name: '500 shares', shallow: { jobs: 1_000, shares: 500 }, deep: { jobs, shares: 500 } },
    {
      name: 'shares against none',
      shallow: { jobs: Math.min(jobs, sharedJobs) },
      deep: { jobs: Math.min(jobs, sharedJobs), shares: 500 },
    },
    {
      name: 'arrays',
      shallow: { jobs: 100, size: 10 },
      deep: { jobs: Math.max(100, jobs / 1_000), size: 100_000 },
    },
  ]
  const figures: Figure[] = []
  for (const scenario of scenarios) figures.push(...(await measureScenario(scenario)))
  return figures
}

async function measureScenario({ name, shallow, deep }: Scenario): Promise<Figure[]> {
  const before = heapBytes()
  const queues = [await filled(shallow), await filled(deep)] as const
  const memory = heapBytes() - before
  const bytes = queues[1].bytes()
  const label = `${name}, ${shown(deep)} against ${shown(shallow)}`
  const figures: Figure[] = []
  const operations = [
    depthOperations((nth) => requestOf(shallow, nth), shallow.size),
    depthOperations((nth) => requestOf(deep, nth), deep.size),
  ] as const
  const samples = await interleaved(queues, operations)
  for (const [operation, [low, high]] of samples)
    figures.push({
      name: `${label}: ${operation}`,
      value: median(high) / median(low),
      unit: '×',
      note: `${micros(high)} against ${micros(low)} µs`,
    })
  figures.push(
    { name: `${label}: bytes on disk for each`, value: bytes / deep.jobs, unit: 'B' },
    { name: `${label}: heap and buffers for each`, value: memory / deep.jobs, unit: 'B' },
    ...(await restarts(label, queues)),
  )
  return figures
}

async function filled(depth: Depth): Promise<DeepQueue> {
  process.stderr.write(`  filling ${shown(depth)}\n`)
  const queue = new DeepQueue(depth.shares === undefined ? {} : fairShare)
  await queue.fill(depth.jobs, (nth) => requestOf(depth, nth))
  return queue
}

function requestOf({ size, shares }: Depth, nth: number): Partial<JobRequest> {
  return {
    ...(size === undefined ? {} : { arrayProperties: { size } }),
    ...(shares === undefined ? {} : { shareIdentifier: `share${nth % shares}` }),
  }
}

function shown({ jobs, size, shares }: Depth): string {
  const count = jobs.toLocaleString('en-US')
  if (shares !== undefined) return `${count} in ${shares} shares`
  return size === undefined ? count : `${count} of ${size.toLocaleString('en-US')}`
}

/** CPU of each operation at both depths, ms, in turns, so that the machine's other work falls on both alike. */
async function interleaved(
  queues: readonly [DeepQueue, DeepQueue],
  operations: readonly [Operation[], Operation[]],
): Promise<Map<string, [number[], number[]]>> {
  const samples = new Map<string, [number[], number[]]>()
  for (let round = -warmUps; round < rounds; round++)
    for (const [at, { name }] of operations[0].entries())
      for (const depth of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const taken = await timed(queues[depth], operations[depth][at]!)
        if (round < 0) continue
        const both = samples.get(name) ?? [[], []]
        both[depth].push(taken)
        samples.set(name, both)
      }
  return samples
}

async function timed(queue: DeepQueue, { run }: Operation): Promise<number> {
  const begun = process.cpuUsage()
  await run(queue)
  await queue.settled()
  return cpuMsSince(begun)
}

/** Of this process, on all its threads. */
function cpuMsSince(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / 1000
}

/** CPU of a start anew until the first job is described, and a tick is over: at both depths in turns. */
async function restarts(label: string, queues: readonly [DeepQueue, DeepQueue]): Promise<Figure[]> {
  const living = [...queues]
  const samples: [number[], number[]] = [[], []]
  for (let repeat = -5; repeat < 25; repeat++)
    for (const depth of [0, 1] as const) {
      const begun = process.cpuUsage()
      const queue = living[depth]!.restarted()
      living[depth] = queue
      await queue.node.queue.describeJobs([queue.anyJob()])
      await queue.node.queue.wake(1, false)
      await queue.settled()
      if (repeat >= 0) samples[depth].push(cpuMsSince(begun))
    }
  for (const queue of living) queue.remove()
  const [low, high] = samples
  const note = `${micros(high)} against ${micros(low)} µs`
  return [{ name: `${label}: start anew`, value: median(high) / median(low), unit: '×', note }]
}

function micros(samples: number[]): string {
  return Math.round(median(samples) * 1000).toLocaleString('en-US')
}

/** JavaScript heap and buffers in use, after a collection. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
