import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SubmitJobCommand } from '@aws-sdk/client-batch'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { flights200k } from '../../examples/flight-delays/dataset.ts'
import { expectedReport } from '../../examples/flight-delays/expected-report.ts'
import { readFlights } from '../../examples/flight-delays/flights.ts'
import { followFlightDelays } from '../../examples/flight-delays/follow.ts'
import { readLog } from '../../examples/flight-delays/read-log.ts'
import { formatReport } from '../../examples/flight-delays/report.ts'
import { submitFlightDelays } from '../../examples/flight-delays/submit.ts'
import { defineScript, waitForEnd } from '../support/e2e-jobs.ts'
import { aServer, type Server } from '../support/server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const slices = 24
const { signal } = new AbortController()

/** Submits the flight-delays jobs and resolves, with a way to follow them, once some slices have ended and some run. */
async function inTheMiddleOfTheArray(server: Server) {
  const work = join(temporaryDirectory(), 'work')
  mkdirSync(work)
  const sliceScript = join(import.meta.dirname, '../support/e2e-recorded-slice.ts')
  const jobs = await submitFlightDelays(server.batch, { data: flights200k, work, slices, sliceScript })
  const { promise: middle, resolve } = Promise.withResolvers<void>()
  const ended = followFlightDelays(server.batch, jobs, {
    signal,
    onProgress: ({ array }) => {
      const summary = array.arrayProperties!.statusSummary!
      if (summary.SUCCEEDED! >= 3 && summary.RUNNING! >= 1) resolve()
    },
  })
  const tooLate = ended.then((): never => {
    throw new Error('the array ended before anything could be killed')
  })
  await Promise.race([middle, tooLate])
  return { work, ended }
}

/** How often each attempt of each slice ran. */
function runsByAttempt(work: string): Record<string, number> {
  const names = readdirSync(work).filter((name) => name.startsWith('run-'))
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(work, name), 'utf8').trim().split('\n').length]),
  )
}

/** Every slice ran once, on its first attempt, and the merge printed the right report. */
async function expectRightAndOnce(
  server: Server,
  { work, ended }: { work: string; ended: ReturnType<typeof followFlightDelays> },
) {
  const { array, merge } = await ended
  expect([array.status, merge.status]).toEqual(['SUCCEEDED', 'SUCCEEDED'])
  expect(array.arrayProperties!.statusSummary!.SUCCEEDED).toBe(slices)
  const onlyOnce = Array.from({ length: slices }, (_, index) => [`run-${index}-1`, 1])
  expect(runsByAttempt(work)).toEqual(Object.fromEntries(onlyOnce))
  const expected = formatReport(expectedReport(readFlights(flights200k)))
  const report = await readLog(server.logs, merge.container!.logStreamName!, expected.length, signal)
  expect(report).toEqual(expected)
}

/** Submits single jobs one after another, each once, until told to stop; resolves with the ids that were acknowledged. */
function submitUntilStopped(server: Server, jobDefinition: string): { stop: () => Promise<string[]> } {
  let isStopped = false
  const acknowledged: string[] = []
  const done = (async () => {
    while (!isStopped) {
      const input = { jobName: 'single', jobQueue: 'default', jobDefinition }
      const command = new SubmitJobCommand(input)
      await server.batch.send(command, { requestTimeout: 2_000 }).then(
        ({ jobId }) => acknowledged.push(jobId!),
        () => new Promise((retry) => setImmediate(retry)),
      )
    }
    return acknowledged
  })()
  return {
    stop: () => {
      isStopped = true
      return done
    },
  }
}

describe('kill -9', () => {
  it('of workerd in the middle of an array loses no acknowledged job and runs no attempt twice', async () => {
    const server = await aServer({ agent: { vcpus: 4 } })
    const singles = submitUntilStopped(server, await defineScript(server, 'true'))
    onTestFinished(async () => {
      await singles.stop()
    })
    const array = await inTheMiddleOfTheArray(server)
    const { workerd } = server.pids()
    process.kill(workerd, 'SIGKILL')
    await vi.waitUntil(() => server.pids().workerd !== workerd)
    expect(server.said()).toContain('workerd ended (SIGKILL); starting it again in 100 ms')
    const acknowledged = await singles.stop()
    await expectRightAndOnce(server, array)
    expect(acknowledged.length).toBeGreaterThan(0)
    for (const jobId of acknowledged) {
      const job = await waitForEnd(server, jobId)
      expect({ status: job.status, attempts: job.attempts!.length }).toEqual({
        status: 'SUCCEEDED',
        attempts: 1,
      })
    }
  })

  it('of the agent in the middle of an array runs no attempt twice', async () => {
    const server = await aServer({ agent: { vcpus: 4 } })
    const array = await inTheMiddleOfTheArray(server)
    const { agent } = server.pids()
    process.kill(agent!, 'SIGKILL')
    await vi.waitUntil(() => server.pids().agent !== agent)
    expect(server.said()).toContain('agent ended (SIGKILL); starting it again in 100 ms')
    await expectRightAndOnce(server, array)
  })
})
