import { evictDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, type TestQueue, targetOf } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

const indexes = (agent: ScriptedAgent) =>
  agent.starts.map(({ environment }) => Number(environment.AWS_BATCH_JOB_ARRAY_INDEX))

const sparse = { size: 1_000_000, indexes: '999999,20-22,7' }

async function rerun(queue: TestQueue, jobId: string, members: { jobName?: string; token?: string } = {}) {
  return queue.stub().rerunJob({ job: targetOf(jobId), text: jobId, ...members })
}

describe('a sparse array', () => {
  it('runs the listed indexes only, which its children have everywhere', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const jobId = await deployment.submit(queue, { arrayProperties: sparse })
    expect(await deployment.describe(jobId)).toMatchObject({
      array: { size: 1_000_000, indexes: '7,20-22,999999', summary: { RUNNABLE: 5 } },
    })
    expect(await deployment.describe(`${jobId}:21`)).toMatchObject({
      jobId: `${jobId}:21`,
      array: { index: 21 },
      state: 'RUNNABLE',
    })
    expect(await queue.stub().describeJobs([targetOf(`${jobId}:0`)])).toEqual([undefined])
    await evictDurableObject(queue.stub())
    const agent = await ScriptedAgent.connect(deployment.environment(), { run: () => 0 })
    expect(await deployment.ended(jobId)).toMatchObject({
      state: 'SUCCEEDED',
      array: { summary: { SUCCEEDED: 5 } },
    })
    expect(indexes(agent).sort((a, b) => a - b)).toEqual([7, 20, 21, 22, 999_999])
    const last = agent.starts.find(({ environment }) => environment.AWS_BATCH_JOB_ARRAY_INDEX === '999999')!
    expect(last.environment).toMatchObject({
      AWS_BATCH_JOB_ID: `${jobId}:999999`,
      AWS_BATCH_JOB_ARRAY_SIZE: '1000000',
    })
    const page = await queue.stub().listJobs({
      arrayJob: targetOf(jobId),
      state: 'SUCCEEDED',
      maxResults: 3,
    })
    expect(page.ok && page.value.jobs.map((job) => job.jobId)).toEqual(
      [7, 20, 21].map((i) => `${jobId}:${i}`),
    )
  })

  it('lets jobs of any queue wait for single children, and refuses those that are not listed', async () => {
    const deployment = await TestDeployment.create()
    const [first, second] = [await deployment.queue(), await deployment.queue()]
    const array = await deployment.submit(first, { arrayProperties: sparse })
    const waiting = []
    for (const queue of [first, second]) {
      waiting.push(
        await deployment.submit(queue, { dependsOn: [{ jobId: `${array}:22`, type: 'AFTER_FAILURE' }] }),
      )
      const unknown = deployment.submit(queue, { dependsOn: [{ jobId: `${array}:3` }] })
      await expect(unknown).rejects.toThrow('does not exist')
    }
    await first.stub().cancelJob(targetOf(`${array}:3`), 'nobody')
    await first.stub().cancelJob(targetOf(`${array}:22`), 'not needed')
    expect(await deployment.describe(`${array}:22`)).toMatchObject({
      state: 'FAILED',
      statusReason: 'not needed',
    })
    for (const jobId of waiting) await deployment.inState(jobId, 'RUNNABLE')
  })

  it.each([
    [{ size: 10, indexes: '3,x' }, "arrayProperties.indexes: 'x' is neither an index nor a range"],
    [{ size: 10, indexes: '10' }, 'arrayProperties.indexes: index 10 is not below'],
    [{ indexes: '1' }, 'arrayProperties.size: required with indexes'],
    [{ maxConcurrency: 1 }, 'arrayProperties.size: required with maxConcurrency'],
  ])('is refused as %j', async (arrayProperties, message) => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    await expect(deployment.submit(queue, { arrayProperties })).rejects.toThrow(message)
  })
})

describe('an array with a cap', () => {
  it('never has more children in flight, whatever room there is', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 16 })
    const jobId = await deployment.submit(queue, { arrayProperties: { size: 5, maxConcurrency: 2 } })
    const behind = await deployment.submit(queue)
    const starts = await agent.given(3)
    expect(await deployment.describe(jobId)).toMatchObject({
      array: { maxConcurrency: 2, summary: { STARTING: 2, RUNNABLE: 3 } },
    })
    expect((await deployment.describe(behind)).state).toBe('STARTING')
    const children = starts.filter(({ environment }) => environment.AWS_BATCH_JOB_ID !== behind)
    agent.started(children[0]!.attemptId)
    agent.ended(children[1]!.attemptId)
    await agent.given(4)
    await evictDurableObject(queue.stub())
    expect(await deployment.describe(jobId)).toMatchObject({
      array: { summary: { SUCCEEDED: 1, RUNNABLE: 2 } },
    })
    for (let given = 4; given <= 6; given++) {
      const latest = (await agent.given(given))[given - 1]!
      expect(agent.starts).toHaveLength(given)
      agent.ended(latest.attemptId)
    }
    agent.ended(children[0]!.attemptId)
    expect(await deployment.ended(jobId)).toMatchObject({ state: 'SUCCEEDED' })
  })
})

describe('rerunJob', () => {
  it('runs the failed children again, with their indexes', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const failing = new Set([3, 4, 9])
    const agent = await ScriptedAgent.connect(deployment.environment(), {
      run: ({ environment }) => (failing.has(Number(environment.AWS_BATCH_JOB_ARRAY_INDEX)) ? 1 : 0),
    })
    const jobId = await deployment.submit(queue, { arrayProperties: { size: 10 }, parameters: { a: '1' } })
    await deployment.ended(jobId)
    failing.delete(4)
    await deployment.register({ parameters: { b: '2' } })
    const again = await rerun(queue, jobId, { token: 'again' })
    expect(await rerun(queue, jobId, { token: 'again' })).toEqual(again)
    const second = again.ok ? again.value.jobId : ''
    expect(await deployment.ended(second)).toMatchObject({
      state: 'FAILED',
      jobName: 'job',
      definition: { revision: 1 },
      parameters: { a: '1' },
      array: { size: 10, indexes: '3-4,9', summary: { SUCCEEDED: 1, FAILED: 2 } },
    })
    expect(indexes(agent).slice(10).sort()).toEqual([3, 4, 9])
    const third = await rerun(queue, second, { jobName: 'third' })
    expect(await deployment.ended(third.ok ? third.value.jobId : '')).toMatchObject({
      jobName: 'third',
      array: { indexes: '3,9' },
    })
  })

  it('submits a failed job again, and refuses what has not failed', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const jobId = await deployment.submit(queue)
    const message = async (id: string) => {
      const outcome = await rerun(queue, id)
      return outcome.ok ? outcome.value.jobId : outcome.refusal.message
    }
    expect(await message(jobId)).toBe(`jobId: job ${jobId} has not ended: it is RUNNABLE`)
    await queue.stub().cancelJob(targetOf(jobId), 'not now')
    const again = await message(jobId)
    expect(await deployment.describe(again)).toMatchObject({ state: 'RUNNABLE', attempts: [] })
    const array = await deployment.submit(queue, { arrayProperties: { size: 2 } })
    expect(await message(`${array}:0`)).toContain('name their array')
    await ScriptedAgent.connect(deployment.environment(), { run: () => 0 })
    await deployment.ended(array)
    expect(await message(array)).toContain('has SUCCEEDED: there is nothing to run again')
  })
})

describe('overrides beyond what a provider takes', () => {
  it('fail the job, which is accepted; a long command does not', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const environment = [{ name: 'A', value: 'x'.repeat(8_192) }]
    const long = await deployment.submit(queue, { containerOverrides: { environment } })
    const array = await deployment.submit(queue, {
      containerOverrides: { environment },
      arrayProperties: { size: 2 },
    })
    for (const jobId of [long, array, `${array}:1`])
      expect(await deployment.describe(jobId)).toMatchObject({
        state: 'FAILED',
        attempts: [],
        statusReason: 'Container Overrides length must be at most 8192',
      })
    const command = ['sh', '-c', 'x'.repeat(30_000)]
    const runs = await deployment.submit(queue, { containerOverrides: { command } })
    expect((await deployment.describe(runs)).state).toBe('RUNNABLE')
  })
})
