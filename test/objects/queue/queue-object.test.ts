import { beforeAll, describe, expect, it } from 'vitest'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, targetOf } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

const where = (agent: ScriptedAgent) => `i-${agent.instanceId.slice(0, 17)}`

describe('a job', () => {
  it('goes from submit to its end', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment())
    const jobId = await deployment.submit(queue)
    const [start] = await agent.given(1)
    const { attemptId, environment } = start!
    expect(environment).toEqual({
      AWS_BATCH_JOB_ID: jobId,
      AWS_BATCH_JOB_ATTEMPT: '1',
      AWS_BATCH_JQ_NAME: queue.name,
      AWS_BATCH_CE_NAME: deployment.environmentName,
    })
    expect((await agent.heard('start')).specs).toMatchObject([
      { containers: [{ image: 'busybox', command: ['true'] }] },
    ])

    const place = { attemptId, environment: deployment.environmentName, instanceId: where(agent) }
    expect(await deployment.inState(jobId, 'STARTING')).toMatchObject({ attempts: [], latestAttempt: place })
    agent.started(attemptId)
    const running = { attempts: [], startedAt: 100, latestAttempt: { ...place, startedAt: 100 } }
    expect(await deployment.inState(jobId, 'RUNNING')).toMatchObject(running)
    agent.ended(attemptId)
    await agent.heard('settled')
    expect(await deployment.describe(jobId)).toMatchObject({
      state: 'SUCCEEDED',
      statusReason: 'Essential container in task exited',
      startedAt: 100,
      stoppedAt: 200,
      attempts: [{ ...place, startedAt: 100, stoppedAt: 200, exitCode: 0 }],
    })
    expect(agent.settled).toEqual([attemptId])
  })

  it('waits until a host comes', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const jobId = await deployment.submit(queue)
    expect((await deployment.describe(jobId)).state).toBe('RUNNABLE')
    await ScriptedAgent.connect(deployment.environment(), { run: () => 0 })
    expect((await deployment.ended(jobId)).state).toBe('SUCCEEDED')
  })

  it('that no host could hold says why, steps aside, and starts when a larger host comes', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    await ScriptedAgent.connect(deployment.environment(), { vcpus: 2, run: () => 0 })
    const resourceRequirements = [{ type: 'VCPU' as const, value: '8' }]
    const large = await deployment.submit(queue, { containerOverrides: { resourceRequirements } })
    const small = await deployment.submit(queue)
    expect((await deployment.ended(small)).state).toBe('SUCCEEDED')
    expect(await deployment.describe(large)).toMatchObject({
      state: 'RUNNABLE',
      statusReason:
        'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - No connected host can hold this job: 8 vCPU wanted, 2 available',
    })
    await ScriptedAgent.connect(deployment.environment(), { vcpus: 8, run: () => 0 })
    expect((await deployment.ended(large)).state).toBe('SUCCEEDED')
  })

  it('is tried again under its retry strategy, before jobs that have not run', async () => {
    const deployment = await TestDeployment.create({ definition: { retryStrategy: { attempts: 2 } } })
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 1 })
    const first = await deployment.submit(queue)
    const second = await deployment.submit(queue)
    const [start] = await agent.given(1)
    // Now the environment knows that the second job waits, and gives the room to nobody else.
    await queue.stub().wake(deployment.environmentNumber, false)
    agent.ended(start!.attemptId, { exitCode: 1 })
    const again = (await agent.given(2))[1]!
    expect(again.environment).toMatchObject({ AWS_BATCH_JOB_ID: first, AWS_BATCH_JOB_ATTEMPT: '2' })
    agent.ended(again.attemptId)
    expect(await deployment.ended(first)).toMatchObject({ attempts: [{ exitCode: 1 }, { exitCode: 0 }] })
    expect((await agent.given(3))[2]!.environment.AWS_BATCH_JOB_ID).toBe(second)
  })
})

describe('the order of a queue', () => {
  it('is that of the submits; a job for which there is no room is overtaken by what leaves it its room', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 4 })
    const wanting = (value: string) => ({
      containerOverrides: { resourceRequirements: [{ type: 'VCPU' as const, value }] },
    })
    const running = await deployment.submit(queue, wanting('2'))
    await agent.given(1)
    const head = await deployment.submit(queue, wanting('3'))
    const beside = await deployment.submit(queue, wanting('1'))
    const notBeside = await deployment.submit(queue, wanting('1'))
    const [first] = await agent.given(2)
    expect((await deployment.describe(head)).state).toBe('RUNNABLE')
    agent.ended(first!.attemptId)
    const given = await agent.given(3)
    agent.ended(given[1]!.attemptId)
    const started = (await agent.given(4)).map(({ environment }) => environment.AWS_BATCH_JOB_ID)
    expect(started).toEqual([running, beside, head, notBeside])
  })

  it('puts definitions of higher priority first', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const low = await deployment.submit(queue)
    await deployment.register({ schedulingPriority: 10 })
    const high = await deployment.submit(queue)
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 1, run: () => 0 })
    const started = (await agent.given(2)).map(({ environment }) => environment.AWS_BATCH_JOB_ID)
    expect(started).toEqual([high, low])
  })
})

describe('stopping a job', () => {
  it('ends one that waits at once, also when it is only cancelled', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const ids = [await deployment.submit(queue), await deployment.submit(queue)]
    await queue.stub().cancelJob(targetOf(ids[0]!), 'not needed')
    await queue.stub().terminateJob(targetOf(ids[1]!), 'not wanted')
    expect(await deployment.describe(ids[0]!)).toMatchObject({
      state: 'FAILED',
      statusReason: 'not needed',
      isCancelled: true,
    })
    expect(await deployment.describe(ids[1]!)).toMatchObject({
      state: 'FAILED',
      statusReason: 'not wanted',
      isTerminated: true,
    })
    const agent = await ScriptedAgent.connect(deployment.environment(), { run: () => 0 })
    const another = await deployment.submit(queue)
    await deployment.ended(another)
    expect(agent.starts.map(({ environment }) => environment.AWS_BATCH_JOB_ID)).toEqual([another])
  })

  it('leaves one that runs alone when it is cancelled and stops it when it is terminated', async () => {
    const deployment = await TestDeployment.create({ definition: { retryStrategy: { attempts: 3 } } })
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment())
    const jobId = await deployment.submit(queue)
    const { attemptId } = (await agent.given(1))[0]!
    agent.started(attemptId)
    await deployment.inState(jobId, 'RUNNING')
    await queue.stub().cancelJob(targetOf(jobId), 'not needed')
    expect(await deployment.describe(jobId)).toMatchObject({ state: 'RUNNING' })
    await queue.stub().terminateJob(targetOf(jobId), 'not wanted')
    expect(await deployment.describe(jobId)).toMatchObject({ state: 'RUNNING', isTerminated: true })
    await agent.heard('stop')
    expect(agent.stops).toEqual([{ attemptId, reason: 'not wanted' }])
    agent.ended(attemptId, { cause: 'stopped', exitCode: 143 })
    expect(await deployment.ended(jobId)).toMatchObject({ state: 'FAILED', statusReason: 'not wanted' })
  })

  it('that is unknown or has ended changes nothing', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    await ScriptedAgent.connect(deployment.environment(), { run: () => 0 })
    const jobId = await deployment.submit(queue)
    const before = await deployment.ended(jobId)
    await queue.stub().terminateJob(targetOf(jobId), 'too late')
    await queue.stub().cancelJob({ ...targetOf(jobId), seq: 99 }, 'unknown')
    expect(await deployment.describe(jobId)).toEqual(before)
  })
})
