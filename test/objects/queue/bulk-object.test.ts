import { evictDurableObject } from 'cloudflare:test'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { JobRequest } from '../../../src/core/model/job.ts'
import type { Outcome } from '../../../src/core/model/outcome.ts'
import type { SubmitJobs, SubmittedJob } from '../../../src/objects/queue/queue-rpc.ts'
import { DurableSql } from '../../../src/runtime/durable-sql.ts'
import { TestDeployment, type TestQueue, targetOf } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

afterEach(() => {
  vi.restoreAllMocks()
})

type Entry = SubmitJobs['entries'][number]

async function aBulk() {
  const deployment = await TestDeployment.create()
  const queue = await deployment.queue()
  const entry = (request: Partial<JobRequest> = {}, token?: string): Entry => ({
    definition: { name: deployment.definition },
    request: { jobName: 'job', ...request },
    ...(token === undefined ? {} : { token }),
  })
  return { deployment, queue, entry }
}

async function submit(queue: TestQueue, entries: Entry[], token?: string): Promise<Outcome<SubmittedJob>[]> {
  const bulk = { queue: queue.name, entries, ...(token === undefined ? {} : { token }) }
  const outcome = await queue.stub().submitJobs(bulk)
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  return outcome.value
}

function idsOf(outcomes: Outcome<SubmittedJob>[]): string[] {
  return outcomes.map((outcome) => (outcome.ok ? outcome.value.jobId : outcome.refusal.message))
}

function refused(message: string) {
  return { ok: false, refusal: { code: 'ClientException', message: expect.stringContaining(message) } }
}

describe('a bulk submit', () => {
  it('of a thousand jobs is one transaction of two rows a job, and answers in order', async () => {
    const { deployment, queue, entry } = await aBulk()
    await deployment.submit(queue)
    const before = await queue.stub().rowsWritten()
    const commits = vi.spyOn(DurableSql.prototype, 'transaction')
    const entries = Array.from({ length: 1_000 }, (_, i) => entry({ jobName: `job-${i}` }))
    const outcomes = await submit(queue, entries)
    expect(commits).toHaveBeenCalledTimes(1)
    expect((await queue.stub().rowsWritten()) - before).toBe(2_000)
    expect(outcomes.map((outcome) => outcome.ok && outcome.value.jobName)).toEqual(
      entries.map((_, i) => `job-${i}`),
    )
    expect(new Set(idsOf(outcomes)).size).toBe(1_000)
    expect(await deployment.describe(idsOf(outcomes)[999]!)).toMatchObject({ jobName: 'job-999' })
  })

  it('refuses bad entries for themselves, and those that depend on them', async () => {
    const { queue, entry } = await aBulk()
    const outcomes = await submit(queue, [
      { refusal: { code: 'ClientException', message: 'jobName: required' } },
      entry(),
      { definition: { name: 'unknown' }, request: { jobName: 'job' } },
      entry({ dependsOn: [{ entry: 2 }] }),
      entry({ dependsOn: [{ entry: 4 }] }),
      entry({ dependsOn: [{ entry: 1, jobId: 'x' }] }),
      entry(),
    ])
    expect(outcomes).toEqual([
      refused('jobName: required'),
      { ok: true, value: { jobId: expect.any(String), jobName: 'job' } },
      refused('JobDefinition unknown does not exist'),
      refused('dependsOn: entry 2 was refused'),
      refused('dependsOn: entry 4 is not an earlier one of this request'),
      refused('dependsOn: jobId and entry exclude each other'),
      { ok: true, value: { jobId: expect.any(String), jobName: 'job' } },
    ])
  })

  it('may hold a whole graph of jobs', async () => {
    const { deployment, queue, entry } = await aBulk()
    const arrayProperties = { size: 2 }
    const outcomes = await submit(queue, [
      entry({ arrayProperties }),
      entry({ arrayProperties, dependsOn: [{ entry: 0, type: 'N_TO_N' }] }),
      entry({ dependsOn: [{ entry: 0 }, { entry: 1, type: 'AFTER_ANY' }] }),
      entry({ dependsOn: [{ entry: 2, type: 'AFTER_FAILURE' }] }),
    ])
    const [first, second, third, fourth] = idsOf(outcomes)
    expect(await deployment.describe(third!)).toMatchObject({
      state: 'PENDING',
      dependsOn: [{ jobId: first }, { jobId: second, type: 'AFTER_ANY' }],
    })
    await queue.stub().cancelJob(targetOf(first!), 'not needed')
    expect(await deployment.ended(second!)).toMatchObject({ statusReason: 'Dependent Job failed' })
    expect(await deployment.ended(third!)).toMatchObject({ statusReason: 'Dependent Job failed' })
    expect((await deployment.describe(fourth!)).state).toBe('RUNNABLE')
  })

  it('of another queue’s name is refused whole', async () => {
    const { queue, entry } = await aBulk()
    expect(await queue.stub().submitJobs({ queue: 'another', entries: [entry()] })).toEqual(
      refused('Job queue another does not exist'),
    )
  })
})

describe('an idempotency token', () => {
  const single = (deployment: TestDeployment, queue: TestQueue, token: string, request = {}) =>
    queue.stub().submitJob({
      queue: queue.name,
      definition: { name: deployment.definition },
      request: { jobName: 'job', ...request },
      token,
    })

  it('gives a repeat the first answer, at once, later and after an eviction', async () => {
    const { deployment, queue } = await aBulk()
    const twice = await Promise.all([single(deployment, queue, 'a'), single(deployment, queue, 'a')])
    expect(twice[0]).toMatchObject({ ok: true })
    expect(twice[1]).toEqual(twice[0])
    await evictDurableObject(queue.stub())
    await deployment.register({ parameters: { a: '1' } })
    expect(await single(deployment, queue, 'a')).toEqual(twice[0])
    const page = await queue.stub().listJobs({ state: 'RUNNABLE', maxResults: 10 })
    expect(page.ok && page.value.jobs.length).toBe(1)
  })

  it('is refused for another request, and another queue has tokens of its own', async () => {
    const { deployment, queue, entry } = await aBulk()
    const other = await deployment.queue()
    const first = await single(deployment, queue, 'a')
    const message = 'clientToken: a was used for another request to this job queue'
    expect(await single(deployment, queue, 'a', { parameters: { a: '1' } })).toEqual(refused(message))
    expect(await queue.stub().submitJobs({ queue: queue.name, entries: [entry()], token: 'a' })).toEqual(
      refused(message),
    )
    const elsewhere = await single(deployment, other, 'a')
    expect(elsewhere).toMatchObject({ ok: true })
    expect(elsewhere).not.toEqual(first)
  })

  it('costs one row, and is not used up by a request that was refused', async () => {
    const { deployment, queue } = await aBulk()
    await deployment.submit(queue)
    expect(await single(deployment, queue, 'a', { dependsOn: [{ jobId: 'x' }] })).toMatchObject({ ok: false })
    const before = await queue.stub().rowsWritten()
    expect(await single(deployment, queue, 'a')).toMatchObject({ ok: true })
    expect((await queue.stub().rowsWritten()) - before).toBe(3)
  })

  it('of a bulk submit covers all its entries, in one row', async () => {
    const { deployment, queue, entry } = await aBulk()
    await deployment.submit(queue)
    const entries = [
      { refusal: { code: 'ClientException', message: 'no' } },
      entry(),
      entry({ jobName: 'b' }),
    ]
    const before = await queue.stub().rowsWritten()
    const first = await submit(queue, entries, 'bulk')
    expect((await queue.stub().rowsWritten()) - before).toBe(5)
    await evictDurableObject(queue.stub())
    expect(await submit(queue, entries, 'bulk')).toEqual(first)
  })

  it('of an entry counts wherever the entry is sent', async () => {
    const { deployment, queue, entry } = await aBulk()
    const first = await single(deployment, queue, 'x')
    const outcomes = await submit(queue, [entry({}, 'x'), entry({}, 'y'), entry({}, 'y')])
    expect(outcomes[0]).toEqual(first)
    expect(outcomes[2]).toEqual(outcomes[1])
    expect(outcomes[1]).not.toEqual(first)
  })
})
