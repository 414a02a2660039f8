import { evictDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, targetOf } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

/** The indexes of the children an agent was told to start, in order. */
const indexes = (agent: ScriptedAgent) =>
  agent.starts.map(({ environment }) => Number(environment.AWS_BATCH_JOB_ARRAY_INDEX))

describe('an array', () => {
  it('runs every child once, with its index, and ends with the last', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 8, run: () => 0 })
    const jobId = await deployment.submit(queue, { arrayProperties: { size: 300 } })
    expect(await deployment.ended(jobId)).toMatchObject({
      state: 'SUCCEEDED',
      attempts: [],
      array: { size: 300, summary: { SUCCEEDED: 300 } },
    })
    expect(indexes(agent).sort((a, b) => a - b)).toEqual([...Array(300).keys()])
    expect(agent.starts[0]!.environment).toMatchObject({
      AWS_BATCH_JOB_ID: `${jobId}:0`,
      AWS_BATCH_JOB_ARRAY_SIZE: '300',
    })
    expect(await deployment.describe(`${jobId}:299`)).toMatchObject({
      state: 'SUCCEEDED',
      attempts: [{ exitCode: 0 }],
    })
  })

  it('fails when a child has failed, after the others have run', async () => {
    const deployment = await TestDeployment.create({ definition: { retryStrategy: { attempts: 2 } } })
    const queue = await deployment.queue()
    const isThird = (environment: Record<string, string>) => environment.AWS_BATCH_JOB_ARRAY_INDEX === '3'
    const agent = await ScriptedAgent.connect(deployment.environment(), {
      run: ({ environment }) => (isThird(environment) ? 1 : 0),
    })
    const jobId = await deployment.submit(queue, { arrayProperties: { size: 6 } })
    expect(await deployment.ended(jobId)).toMatchObject({
      state: 'FAILED',
      statusReason: 'Array Child Job failed',
      array: { summary: { SUCCEEDED: 5, FAILED: 1 } },
    })
    expect(indexes(agent).filter((index) => index === 3)).toEqual([3, 3])
    expect(await deployment.describe(`${jobId}:3`)).toMatchObject({
      state: 'FAILED',
      attempts: [{ exitCode: 1 }, { exitCode: 1 }],
    })
  })

  it('with SEQUENTIAL runs one child after the other', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment())
    const request = { arrayProperties: { size: 3 }, dependsOn: [{ type: 'SEQUENTIAL' as const }] }
    const jobId = await deployment.submit(queue, request)
    for (let index = 0; index < 3; index++) {
      const starts = await agent.given(index + 1)
      expect(starts.length).toBe(index + 1)
      expect(await deployment.describe(jobId)).toMatchObject({
        array: { summary: { SUCCEEDED: index, PENDING: 2 - index } },
      })
      agent.ended(starts[index]!.attemptId)
    }
    expect((await deployment.ended(jobId)).state).toBe('SUCCEEDED')
    expect(indexes(agent)).toEqual([0, 1, 2])
  })

  it('that follows another child by child starts each when its counterpart has ended well', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const leader = await deployment.submit(queue, { arrayProperties: { size: 3 } })
    const dependsOn = [{ jobId: leader, type: 'N_TO_N' as const }]
    const follower = await deployment.submit(queue, { arrayProperties: { size: 3 }, dependsOn })
    const agent = await ScriptedAgent.connect(deployment.environment())
    const starts = await agent.given(3)
    const startOf = (index: number) => starts[index]!.attemptId
    agent.ended(startOf(2))
    expect((await agent.given(4))[3]!.environment.AWS_BATCH_JOB_ID).toBe(`${follower}:2`)
    agent.ended(startOf(0), { exitCode: 1 })
    expect(await deployment.ended(`${follower}:0`)).toMatchObject({ statusReason: 'Dependent Job failed' })
    expect((await deployment.describe(`${follower}:1`)).state).toBe('PENDING')
  })

  it('that follows another goes on doing so after the queue was evicted', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const leader = await deployment.submit(queue, { arrayProperties: { size: 2 } })
    const dependsOn = [{ jobId: leader, type: 'N_TO_N' as const }]
    const follower = await deployment.submit(queue, { arrayProperties: { size: 2 }, dependsOn })
    const agent = await ScriptedAgent.connect(deployment.environment())
    const [first, second] = await agent.given(2)
    agent.ended(first!.attemptId)
    await agent.given(3)
    await evictDurableObject(queue.stub())
    agent.ended(second!.attemptId)
    const starts = await agent.given(4)
    expect(starts[3]!.environment.AWS_BATCH_JOB_ID).toBe(`${follower}:1`)
    for (const { attemptId } of starts.slice(2)) agent.ended(attemptId)
    expect((await deployment.ended(follower)).state).toBe('SUCCEEDED')
    expect(new Set(starts.map(({ attemptId }) => attemptId)).size).toBe(4)
  })

  it('that is terminated stops what runs and ends what does not', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 2 })
    const jobId = await deployment.submit(queue, { arrayProperties: { size: 1_000 } })
    const [first, second] = await agent.given(2)
    agent.started(first!.attemptId)
    await deployment.inState(`${jobId}:0`, 'RUNNING')
    await queue.stub().terminateJob(targetOf(jobId), 'enough')
    await agent.until('both are stopped', () => agent.stops.length === 2)
    expect(await deployment.describe(jobId)).toMatchObject({
      state: 'PENDING',
      isTerminated: true,
      array: { summary: { RUNNING: 1, STARTING: 1, FAILED: 998 } },
    })
    for (const { attemptId } of [first!, second!]) agent.ended(attemptId, { cause: 'stopped', exitCode: 143 })
    expect(await deployment.ended(jobId)).toMatchObject({
      state: 'FAILED',
      statusReason: 'enough',
      array: { summary: { FAILED: 1_000 } },
    })
    expect(await deployment.describe(`${jobId}:999`)).toMatchObject({
      state: 'FAILED',
      statusReason: 'enough',
    })
  })

  it('whose child is stopped goes on with the others', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const jobId = await deployment.submit(queue, { arrayProperties: { size: 3 } })
    await queue.stub().cancelJob(targetOf(`${jobId}:1`), 'not needed')
    const agent = await ScriptedAgent.connect(deployment.environment(), { run: () => 0 })
    expect(await deployment.ended(jobId)).toMatchObject({
      state: 'FAILED',
      array: { summary: { SUCCEEDED: 2, FAILED: 1 } },
    })
    expect(indexes(agent)).toEqual([0, 2])
  })
})
