import { withServer } from './bench-server.ts'
import { type Figure, medianFigure } from './figure.ts'
import { hostlessQueue } from './hostless-queue.ts'

const size = 100_000
const repeats = 9

/** How long a large array takes to be accepted, and its parent and its last child to be described. */
export async function measureLargeArray(): Promise<Figure[]> {
  return withServer(1, async (_, http) => {
    const jobQueue = await hostlessQueue(http)
    await http.define('noop', ['/bin/true'])
    await http.submit('noop', { jobQueue, arrayProperties: { size: 2 } })
    const accept: number[] = []
    const parent: number[] = []
    const child: number[] = []
    for (let repeat = 0; repeat < repeats; repeat++) {
      let jobId = ''
      accept.push(
        await timed(async () => {
          jobId = await http.submit('noop', { jobQueue, arrayProperties: { size } })
        }),
      )
      parent.push(await timed(() => http.describe([jobId])))
      child.push(await timed(() => http.describe([`${jobId}:${size - 1}`])))
    }
    return [
      medianFigure('array of 100,000 accepted in', accept, 'ms'),
      medianFigure('DescribeJobs of its parent', parent, 'ms'),
      medianFigure('DescribeJobs of its child 99,999', child, 'ms'),
    ]
  })
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await action()
  return performance.now() - begun
}
