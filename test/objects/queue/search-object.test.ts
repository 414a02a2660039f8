import { beforeAll, describe, expect, it } from 'vitest'
import type { JobCondition } from '../../../src/core/model/job-condition.ts'
import type { SearchJobs } from '../../../src/objects/queue/queue-rpc.ts'
import { ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, type TestQueue, targetOf } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

async function search(queue: TestQueue, query: Omit<SearchJobs, 'maxResults' | 'queue'>, maxResults = 100) {
  const outcome = await queue.stub().searchJobs({ ...query, queue: queue.name, maxResults })
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  return outcome.value
}

async function found(queue: TestQueue, ...conditions: JobCondition[]): Promise<string[]> {
  return (await search(queue, { conditions })).jobs.map(({ jobId }) => jobId)
}

describe('searchJobs', () => {
  it('finds jobs of any state by what they are and what became of them', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), {
      run: ({ environment }) => (environment.AWS_BATCH_JOB_ARRAY_INDEX === undefined ? 3 : 0),
    })
    const failed = await deployment.submit(queue, { jobName: 'align-1', tags: { team: 'a' } })
    await deployment.ended(failed)
    const array = await deployment.submit(queue, { jobName: 'align-2', arrayProperties: { size: 2 } })
    await deployment.ended(array)
    agent.close()
    await agent.until('it has left', () => agent.closed !== undefined)
    const waiting = await deployment.submit(queue, { jobName: 'sort', tags: { team: 'b' } })
    const cancelled = await deployment.submit(queue, { jobName: 'sort' })
    await queue.stub().cancelJob(targetOf(cancelled), 'Not needed any more')

    expect(await found(queue)).toEqual([cancelled, waiting, array, failed])
    expect(await found(queue, { name: 'STATUS', states: ['FAILED'] })).toEqual([cancelled, failed])
    expect(await found(queue, { name: 'JOB_NAME', values: ['ALIGN*'] })).toEqual([array, failed])
    expect(await found(queue, { name: 'EXIT_CODE', codes: [3] })).toEqual([failed])
    expect(await found(queue, { name: 'TAG', tags: [{ key: 'team' }] })).toEqual([waiting, failed])
    expect(await found(queue, { name: 'STATUS_REASON', values: ['needed'] })).toEqual([cancelled])
    expect(
      await found(queue, { name: 'STATUS', states: ['FAILED'] }, { name: 'JOB_NAME', values: ['*r*'] }),
    ).toEqual([cancelled])
    const { createdAt } = await deployment.describe(array)
    expect(await found(queue, { name: 'BEFORE_CREATED_AT', at: createdAt })).toEqual([failed])
    expect(await found(queue, { name: 'AFTER_CREATED_AT', at: createdAt })).toEqual([cancelled, waiting])
  })

  it('pages, with a token that only the same search takes back', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const ids: string[] = []
    for (let i = 0; i < 5; i++) ids.unshift(await deployment.submit(queue))
    const conditions: JobCondition[] = [{ name: 'STATUS', states: ['RUNNABLE'] }]
    const first = await search(queue, { conditions }, 2)
    const second = await search(queue, { conditions, nextToken: first.nextToken! }, 3)
    expect([...first.jobs, ...second.jobs].map(({ jobId }) => jobId)).toEqual(ids)
    const nextToken = first.nextToken!
    expect(
      await queue.stub().searchJobs({ queue: queue.name, conditions: [], maxResults: 2, nextToken }),
    ).toMatchObject({
      ok: false,
      refusal: { message: 'nextToken: not a token of this operation and its other members' },
    })
  })
})

describe('stopJobs', () => {
  it('stops many at once, and takes unknown and ended ones for done', async () => {
    const deployment = await TestDeployment.create()
    const queue = await deployment.queue()
    const agent = await ScriptedAgent.connect(deployment.environment(), { vcpus: 2 })
    const running = await deployment.submit(queue)
    const kept = await deployment.submit(queue)
    const [first] = await agent.given(2)
    agent.started(first!.attemptId)
    await deployment.inState(running, 'RUNNING')
    const waiting = await deployment.submit(queue)
    const array = await deployment.submit(queue, { arrayProperties: { size: 2 } })
    const unknown = { queue: queue.number, shard: 0, seq: 99 }
    const targets = [...[running, waiting, `${array}:1`, waiting].map(targetOf), unknown]
    await queue.stub().stopJobs(targets, { kind: 'terminate', reason: 'enough' })
    await agent.until('it is told to stop', () => agent.stops.length === 1)
    expect(agent.stops).toEqual([{ attemptId: first!.attemptId, reason: 'enough' }])
    expect(await deployment.describe(waiting)).toMatchObject({ state: 'FAILED', isTerminated: true })
    expect(await deployment.describe(`${array}:1`)).toMatchObject({ state: 'FAILED', statusReason: 'enough' })
    expect(await deployment.describe(`${array}:0`)).toMatchObject({ state: 'RUNNABLE' })
    expect(await deployment.describe(kept)).toMatchObject({ state: 'STARTING' })
    await queue.stub().stopJobs([targetOf(waiting), targetOf(kept)], { kind: 'cancel', reason: 'later' })
    expect(await deployment.describe(waiting)).toMatchObject({ statusReason: 'enough' })
    expect(await deployment.describe(kept)).toMatchObject({ state: 'STARTING' })
  })
})
