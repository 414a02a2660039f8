import { BatchClient, SubmitJobCommand } from '@aws-sdk/client-batch'
import { inParallel } from './batch-http.ts'
import { type BenchServer, withServer } from './bench-server.ts'
import { type Figure, medianFigure } from './figure.ts'
import { hostlessQueue } from './hostless-queue.ts'

type Series = { concurrency: number; count: number }
type Sample = { perSecond: number; workerdMs: number }

const bearerSeries: Series[] = [
  { concurrency: 1, count: 500 },
  { concurrency: 8, count: 2_000 },
  { concurrency: 64, count: 4_000 },
]
const signedSeries: Series = { concurrency: 8, count: 1_000 }
const warmUps = 200
const repeats = 3

/** Single submits a second, each acknowledged when it is durable, and what one costs the control plane. */
export async function measureSubmits(): Promise<Figure[]> {
  return withServer(64, async (server, http) => {
    const jobQueue = await hostlessQueue(http)
    await http.define('noop', ['/bin/true'])
    const batch = new BatchClient({ endpoint: server.url, ...server })
    const bearer = () => http.submit('noop', { jobQueue })
    const signed = () =>
      batch.send(new SubmitJobCommand({ jobName: 'bench', jobQueue, jobDefinition: 'noop' }))
    try {
      const figures: Figure[] = []
      for (const series of bearerSeries) {
        const name = `submits, bearer token, ${ways(series)}`
        figures.push(...report(name, await sample(server, series, bearer)))
      }
      const name = `submits, AWS SDK (SigV4), ${ways(signedSeries)}`
      figures.push(...report(name, await sample(server, signedSeries, signed)))
      return figures
    } finally {
      batch.destroy()
    }
  })
}

async function sample(
  server: BenchServer,
  { concurrency, count }: Series,
  submit: () => Promise<unknown>,
): Promise<Sample[]> {
  await inParallel(warmUps, concurrency, submit)
  const samples: Sample[] = []
  for (let repeat = 0; repeat < repeats; repeat++) {
    const before = await server.cpu()
    const begun = performance.now()
    await inParallel(count, concurrency, submit)
    const seconds = (performance.now() - begun) / 1000
    const after = await server.cpu()
    const workerdMs = (after.workerd.own - before.workerd.own) / count
    samples.push({ perSecond: count / seconds, workerdMs })
  }
  return samples
}

function report(name: string, samples: Sample[]): Figure[] {
  const pick = (member: keyof Sample) => samples.map((each) => each[member])
  return [
    medianFigure(name, pick('perSecond'), '/s'),
    medianFigure(`${name}: CPU of workerd`, pick('workerdMs'), 'ms each'),
  ]
}

function ways({ concurrency }: Series): string {
  return concurrency === 1 ? 'sequential' : `${concurrency}-way`
}
