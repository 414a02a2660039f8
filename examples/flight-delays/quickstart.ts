import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { BatchClient, TerminateJobCommand } from '@aws-sdk/client-batch'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { flights200k } from './dataset.ts'
import { type DevServer, startDevServer } from './dev-server.ts'
import { expectedReport } from './expected-report.ts'
import { readFlights } from './flights.ts'
import { followFlightDelays, type Progress } from './follow.ts'
import { processesUsing } from './processes-using.ts'
import { ProgressDisplay } from './progress-display.ts'
import { readLog } from './read-log.ts'
import { formatReport } from './report.ts'
import { type FlightDelaysJobs, submitFlightDelays } from './submit.ts'

/**
 * `npm run quickstart`: boots Longshore on this machine, has 200,000 flights analysed by an array job and a job that
 * merges its results, and checks the report. Exits 0 only if the report is right and no process is left behind.
 */
const slices = 32
const whatNext = `
What to try next:
  npm run longshore -- dev      the same server, kept: port 8787, data in .longshore
  . .longshore/env              in another shell: points the aws CLI, boto3 and other clients at it
  aws batch list-jobs --job-queue default --job-status SUCCEEDED
  examples/flight-delays        what has just run: submit.ts, slice.ts, merge.ts`

const folder = mkdtempSync(join(tmpdir(), 'longshore-quickstart-'))
const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort())
const startedAt = performance.now()
let server: DevServer | undefined
let cleanUp: (() => Promise<unknown>) | undefined

try {
  process.exitCode = (await run()) ? 0 : 1
} catch (error) {
  say(stop.signal.aborted ? 'stopping' : `the quickstart failed: ${(error as Error).message}`)
  process.exitCode = stop.signal.aborted ? 130 : 1
} finally {
  await cleanUp?.().catch((error: Error) => say(`the jobs could not be ended: ${error.message}`))
  await server?.stop()
  const left = processesUsing(folder)
  for (const pid of left) process.kill(pid, 'SIGKILL')
  if (left.length > 0) {
    say(`processes were left behind and had to be killed: ${left.join(', ')}`)
    process.exitCode = 1
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

async function run(): Promise<boolean> {
  say(`Longshore quickstart: ${slices} slices of 200,000 flights, on this machine alone\n`)
  const vcpus = 2 * availableParallelism()
  server = await startDevServer({
    dataDirectory: join(folder, 'data'),
    args: ['--runtime', 'process', '--vcpus', String(vcpus)],
    onSaid: (line) => {
      if (line.startsWith('longshore: ')) say(line)
    },
    signal: stop.signal,
  })
  stop.signal.throwIfAborted()
  say(
    `longshore dev is ready on ${server.url} after ${elapsed(startedAt)}; its agent offers ${vcpus} vCPUs\n`,
  )

  const client = { endpoint: server.url, region: server.region, credentials: server.credentials }
  const batch = new BatchClient(client)
  const logs = new CloudWatchLogsClient(client)
  const work = join(folder, 'work')
  mkdirSync(work)
  const submittedAt = performance.now()
  const jobs = await submitFlightDelays(batch, { data: flights200k, work, slices })
  cleanUp = () => endJobs(batch, jobs)
  say(`submitted array job ${jobs.arrayId}\n      and its merge ${jobs.mergeId}\n`)

  const progress = await follow(batch, jobs)
  cleanUp = undefined
  const jobsTook = elapsed(submittedAt)
  if (progress.merge.status !== 'SUCCEEDED') {
    say(`the jobs failed: ${progress.array.statusReason ?? ''}; ${progress.merge.statusReason ?? ''}`)
    return false
  }
  const expected = formatReport(expectedReport(readFlights(flights200k)))
  const report = await readLog(logs, progress.merge.container!.logStreamName!, expected.length, stop.signal)
  say(`\n${report.join('\n')}\n`)
  if (report.join('\n') !== expected.join('\n')) {
    say(`the report is wrong; expected was:\n${expected.join('\n')}`)
    return false
  }
  say('The report equals one computed independently over all the flights.')
  say(`${timings(progress)}; from submit to end ${jobsTook}, in all ${elapsed(startedAt)}`)
  say(whatNext)
  return true
}

async function follow(batch: BatchClient, jobs: FlightDelaysJobs): Promise<Progress> {
  const display = new ProgressDisplay(process.stdout)
  const onProgress = (progress: Progress) => display.show(progress)
  const progress = await followFlightDelays(batch, jobs, { onProgress, signal: stop.signal })
  display.finish(progress)
  return progress
}

/** Has what still runs stopped, and waits for it, so that stopping the server leaves no job behind. */
async function endJobs(batch: BatchClient, jobs: FlightDelaysJobs): Promise<void> {
  for (const jobId of [jobs.mergeId, jobs.arrayId]) {
    await batch.send(new TerminateJobCommand({ jobId, reason: 'the quickstart was stopped' }))
  }
  await followFlightDelays(batch, jobs, { onProgress: () => {}, signal: AbortSignal.timeout(10_000) })
}

function timings({ array, merge }: Progress): string {
  const seconds = (from: number | undefined, to: number | undefined) =>
    `${(((to ?? 0) - (from ?? 0)) / 1000).toFixed(1)} s`
  return `array ${seconds(array.createdAt, array.stoppedAt)}, merge ${seconds(merge.startedAt, merge.stoppedAt)}`
}

function elapsed(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
