import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { defineScript, submit, waitForEnd } from '../support/e2e-jobs.ts'
import { aServer, type Server } from '../support/server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const size = 300
const kills = 12

/** Kills workerd, the agent or both, again and again, at moments that differ from run to run. */
async function killRepeatedly(server: Server): Promise<void> {
  for (let i = 0; i < kills; i++) {
    await sleep(200 + Math.random() * 1000)
    const { workerd, agent } = server.pids()
    const victims = [[workerd], [agent!], [workerd, agent!]][i % 3]!
    for (const pid of victims) killIfThere(pid)
  }
}

/** It may be waiting to be started again just now. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

it('runs every attempt of arrays and of their followers once, however often server and agent are killed', async () => {
  const server = await aServer({ agent: { vcpus: 16 } })
  const work = join(temporaryDirectory(), 'work')
  mkdirSync(work)
  const definition = await defineScript(
    server,
    `echo ran >> ${work}/$AWS_BATCH_JOB_ID-$AWS_BATCH_JOB_ATTEMPT; sleep 0.$(($$ % 9))`,
  )
  const first = await submit(server, definition, { arrayProperties: { size } })
  const follower = await submit(server, definition, {
    arrayProperties: { size },
    dependsOn: [{ jobId: first, type: 'N_TO_N' }],
  })
  await killRepeatedly(server)
  for (const jobId of [first, follower]) {
    const { status, arrayProperties } = await waitForEnd(server, jobId)
    expect({ status, succeeded: arrayProperties!.statusSummary!.SUCCEEDED }).toEqual({
      status: 'SUCCEEDED',
      succeeded: size,
    })
    const runs = Array.from({ length: size }, (_, index) => `${jobId}:${index}-1`)
    expect(readdirSync(work)).toEqual(expect.arrayContaining(runs))
  }
  expect(readdirSync(work).length).toBe(2 * size)
  for (const name of readdirSync(work)) expect(readFileSync(join(work, name), 'utf8')).toBe('ran\n')
})
