import { describe, expect, it, vi } from 'vitest'
import { limits } from '../../../src/core/limits.ts'
import type { JobRequest, StatusSummary } from '../../../src/core/model/job.ts'
import { NodeSql } from '../../../src/runtime/node-sql.ts'
import { NodeQueue } from '../../support/node-queue.ts'

const waiters = 2 * limits.waitersPerCommit + 10
const children = 2 * limits.childrenPerCommit + 10
const target = (seq: number) => ({ queue: 1, shard: 0, seq })

async function submitMany(node: NodeQueue, count: number, request: Partial<JobRequest>): Promise<string[]> {
  const entry = { definition: { name: 'definition' }, request: { jobName: 'job', ...request } }
  const outcome = await node.queue.submitJobs({ queue: 'queue', entries: Array(count).fill(entry) })
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  return outcome.value.map((answer) => (answer.ok ? answer.value.jobId : answer.refusal.message))
}

async function summaryOf(node: NodeQueue, jobId: string): Promise<StatusSummary | undefined> {
  const [view] = await node.describe([jobId])
  return view?.array && 'summary' in view.array ? view.array.summary : undefined
}

describe('a job that more wait for than one commit settles', () => {
  it.each([
    [undefined, 'FAILED'],
    ['AFTER_ANY', 'RUNNABLE'],
  ] as const)('is heard of by all of them (dependency type %s)', async (type, state) => {
    const node = new NodeQueue()
    const first = await node.submit()
    const dependsOn = [{ jobId: first, ...(type ? { type } : {}) }]
    const waiting = await submitMany(node, waiters, { dependsOn })
    await node.queue.cancelJob(node.target(first), 'why')
    await vi.waitFor(async () => {
      const views = await node.describe(waiting)
      expect(new Set(views.map((view) => view?.state))).toEqual(new Set([state]))
    })
  })

  it('is heard of by all of them although the queue starts anew meanwhile', async () => {
    const sql = new NodeSql()
    const tasks: (() => unknown)[] = []
    const held = { later: (_: number, task: () => unknown) => void tasks.push(task) }
    const before = new NodeQueue({}, { sql })
    const first = await before.submit()
    const waiting = await submitMany(before, waiters, { dependsOn: [{ jobId: first }] })
    const dying = new NodeQueue({}, { sql, scheduler: held })
    await dying.queue.cancelJob(target(1), 'why')
    expect(tasks.length).toBeGreaterThan(0)
    const after = new NodeQueue({}, { sql })
    await vi.waitFor(async () => {
      const views = await after.describe(waiting)
      expect(views.every((view) => view?.state === 'FAILED')).toBe(true)
    })
  })
})

describe('a stop of an array of which more runs than one commit stops', () => {
  it('reaches every child, and lets others have their turn', async () => {
    const node = new NodeQueue()
    const array = await node.submit({ arrayProperties: { size: children + 5 } })
    await node.makeRoom(children)
    for (const attemptId of [...node.placed]) await node.report(attemptId)
    const order: string[] = []
    const stopping = node.queue.terminateJob(node.target(array), 'why').then(() => order.push('stop'))
    const submitting = node.submit().then(() => order.push('submit'))
    await Promise.all([stopping, submitting])
    expect(order).toEqual(['submit', 'stop'])
    expect(await summaryOf(node, array)).toMatchObject({ RUNNING: children, FAILED: 5 })
    const views = await node.describe(Array.from({ length: children }, (_, i) => `${array}:${i}`))
    expect(views.every((view) => view?.isTerminated)).toBe(true)
  })
})

describe('an array that follows one of which more children have failed than one commit fails', () => {
  it('has all of theirs failed, and no other', async () => {
    const node = new NodeQueue()
    const size = 3 * children
    const first = await node.submit({ arrayProperties: { size } })
    for (let index = 0; index < 2 * children; index += 2)
      await node.queue.cancelJob({ ...node.target(first), index }, 'why')
    const follower = await node.submit({
      arrayProperties: { size },
      dependsOn: [{ jobId: first, type: 'N_TO_N' }],
    })
    await vi.waitFor(async () =>
      expect(await summaryOf(node, follower)).toMatchObject({ FAILED: children, PENDING: size - children }),
    )
  })
})
