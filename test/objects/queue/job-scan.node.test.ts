import { describe, expect, it } from 'vitest'
import type { JobRequest } from '../../../src/core/model/job.ts'
import type { ListJobs } from '../../../src/objects/queue/queue-rpc.ts'
import { NodeQueue } from '../../support/node-queue.ts'

/** A queue of `count` jobs that wait, submitted a thousand at a time. */
async function deepQueue(count: number, request: (n: number) => Partial<JobRequest> = () => ({})) {
  const node = new NodeQueue()
  for (let done = 0; done < count; done += 1_000) {
    node.now += 10_000
    const entries = Array.from({ length: 1_000 }, (_, i) => ({
      definition: { name: 'definition' },
      request: { jobName: 'job', ...request(done + i + 1) },
    }))
    const outcome = await node.queue.submitJobs({ queue: 'queue', entries })
    expect(outcome.ok && outcome.value.every(({ ok }) => ok)).toBe(true)
  }
  return node
}

async function page(node: NodeQueue, query: Partial<ListJobs>) {
  const outcome = await node.queue.listJobs({ state: 'RUNNING', maxResults: 100, ...query })
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  const seqs = outcome.value.jobs.map(({ jobId }) => node.target(jobId).seq)
  return { seqs, more: outcome.value.nextToken !== undefined }
}

async function cancel(node: NodeQueue, ...seqs: number[]): Promise<void> {
  for (const seq of seqs) await node.queue.cancelJob({ queue: 1, shard: 0, seq }, 'why')
}

describe('a page of a deep queue', () => {
  it('finds the few that have ended among those that wait, all at once', async () => {
    const node = await deepQueue(3_000)
    await cancel(node, 1, 300, 301, 2_999)
    await node.makeRoom(1)
    for (const attemptId of [...node.placed]) await node.report(attemptId, 0)
    expect(await page(node, { state: 'FAILED' })).toEqual({ seqs: [2_999, 301, 300, 1], more: false })
    expect(await page(node, { state: 'SUCCEEDED' })).toEqual({ seqs: [2], more: false })
  })

  it('finds the few that wait among those that have ended', async () => {
    const node = await deepQueue(1_000)
    await node.makeRoom(990)
    for (const attemptId of [...node.placed]) await node.report(attemptId, 0)
    const waiting = Array.from({ length: 10 }, (_, i) => 1_000 - i)
    expect(await page(node, { state: 'RUNNABLE' })).toEqual({ seqs: waiting, more: false })
  })

  it('finds jobs that have become RUNNABLE where none was when it was looked at before', async () => {
    const first = 'a job that others wait for'
    const node = await deepQueue(4_000, (n) =>
      n === 1 ? { jobName: first } : { arrayProperties: { size: 2 } },
    )
    const [view] = await node.queue.describeJobs([{ queue: 1, shard: 0, seq: 1 }])
    await node.submit({ dependsOn: [{ jobId: view!.jobId }] })
    for (let more = 0; more < 1_100; more += 100)
      await Promise.all(Array.from({ length: 100 }, () => node.submit({ arrayProperties: { size: 2 } })))
    expect(await page(node, { state: 'RUNNABLE' })).toEqual({ seqs: [1], more: false })
    await node.makeRoom(1)
    for (const attemptId of [...node.placed]) await node.report(attemptId, 0)
    expect(await page(node, { state: 'RUNNABLE' })).toEqual({ seqs: [4_001], more: false })
    await node.submit()
    expect(await page(node, { state: 'RUNNABLE' })).toEqual({ seqs: [5_102, 4_001], more: false })
  })

  it('lets others have their turn while it goes through jobs that do not match', async () => {
    const node = await deepQueue(3_000)
    const order: string[] = []
    const searching = node.queue
      .searchJobs({ queue: 'queue', maxResults: 10, conditions: [{ name: 'JOB_NAME', values: ['none'] }] })
      .then(() => order.push('search'))
    const submitting = node.submit().then(() => order.push('submit'))
    await Promise.all([searching, submitting])
    expect(order).toEqual(['submit', 'search'])
  })

  it('does not go through jobs that were created before the time asked for', async () => {
    const node = await deepQueue(12_000)
    const at = node.now - 5_000
    const filter = { name: 'AFTER_CREATED_AT', at } as const
    const { seqs, more } = await page(node, { filter, maxResults: 100 })
    expect([seqs.length, seqs[0], more]).toEqual([100, 12_000, true])
    const later = { name: 'AFTER_CREATED_AT', at: node.now } as const
    expect(await page(node, { filter: later })).toEqual({ seqs: [], more: false })
  })
})
