import { expect, it } from 'vitest'
import { defineScript, submit, waitForEnd } from '../support/e2e-jobs.ts'
import { aServer } from '../support/server.ts'

/** A minute is the shortest time limit there is. */
it('stops a job at the end of its time, and does not try it again', async () => {
  const server = await aServer()
  const definition = await defineScript(server, 'echo up; sleep 600', {
    timeout: { attemptDurationSeconds: 60 },
  })
  const jobId = await submit(server, definition, { retryStrategy: { attempts: 3 } })
  const job = await waitForEnd(server, jobId)
  expect(job).toMatchObject({ status: 'FAILED', statusReason: 'Job attempt duration exceeded timeout' })
  expect(job.attempts!.length).toBe(1)
  expect(job.stoppedAt! - job.startedAt!).toBeGreaterThanOrEqual(60_000)
})
