import { describe, expect, it, vi } from 'vitest'
import { limits } from '../../../src/core/limits.ts'
import type { HostReport } from '../../../src/core/model/attempt.ts'
import type { JobRequest, JobState, StatusSummary } from '../../../src/core/model/job.ts'
import type { HeldPlacement } from '../../../src/objects/environment/environment-rpc.ts'
import { NodeSql } from '../../../src/runtime/node-sql.ts'
import { somewhere } from '../../support/builders.ts'
import { NodeQueue } from '../../support/node-queue.ts'

const waiters = 2 * limits.waitersPerCommit + 10
const children = 2 * limits.childrenPerCommit + 10
const attempts = 2 * limits.reportsPerCommit + 10
const target = (seq: number) => ({ queue: 1, shard: 0, seq })

async function submitMany(node: NodeQueue, count: number, request: Partial<JobRequest>): Promise<string[]> {
  const entry = { definition: { name: 'definition' }, request: { jobName: 'job', ...request } }
  const outcome = await node.queue.submitJobs({ queue: 'queue', entries: Array(count).fill(entry) })
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  return outcome.value.map((answer) => (answer.ok ? answer.value.jobId : answer.refusal.message))
}

function startsOf({ placed, now }: NodeQueue): HostReport[] {
  const { instanceId } = somewhere
  return [...placed].map((attemptId) => ({ attemptId, instanceId, kind: 'started', startedAt: now }))
}

function endsOf({ placed, now }: NodeQueue): HostReport[] {
  const end = {
    instanceId: somewhere.instanceId,
    kind: 'ended',
    cause: 'exited',
    stoppedAt: now,
    exitCode: 0,
  } as const
  return [...placed].map((attemptId) => ({ attemptId, ...end }))
}

async function statesOf(node: NodeQueue, jobIds: string[]): Promise<Partial<Record<JobState, number>>> {
  const views = await node.describe(jobIds)
  const counts: Partial<Record<JobState, number>> = {}
  for (const view of views) counts[view!.state] = (counts[view!.state] ?? 0) + 1
  return counts
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

describe('a report of more starts than one commit takes in', () => {
  it('is recorded whole, and lets others have their turn', async () => {
    const node = new NodeQueue()
    const jobIds = await submitMany(node, attempts, {})
    await node.makeRoom(attempts)
    const order: string[] = []
    const reporting = node.queue.report(1, startsOf(node)).then((reply) => {
      order.push('report')
      return reply
    })
    const submitting = node.submit().then(() => order.push('submit'))
    await Promise.all([reporting, submitting])
    expect(order).toEqual(['submit', 'report'])
    expect(await reporting).toEqual({ settled: [], stop: [] })
    expect(await statesOf(node, jobIds)).toEqual({ RUNNING: attempts })
  })
})

describe('a report of more ends than one commit takes in', () => {
  it('is recorded whole when it is made again, although the queue started anew in its midst', async () => {
    const sql = new NodeSql()
    const tasks: (() => unknown)[] = []
    const before = new NodeQueue({}, { sql })
    const jobIds = await submitMany(before, attempts, {})
    await before.makeRoom(attempts)
    await before.queue.report(1, startsOf(before))
    const dying = new NodeQueue({}, { sql, scheduler: { later: (_, task) => void tasks.push(task) } })
    void dying.queue.report(1, endsOf(before))
    await vi.waitFor(() => expect(tasks.length).toBeGreaterThan(0))
    const after = new NodeQueue({}, { sql })
    const midway = await statesOf(after, jobIds)
    expect(midway).toEqual({
      SUCCEEDED: limits.reportsPerCommit,
      RUNNING: attempts - limits.reportsPerCommit,
    })
    const reply = await after.queue.report(1, endsOf(before))
    expect(new Set(reply.settled)).toEqual(before.placed)
    expect(await statesOf(after, jobIds)).toEqual({ SUCCEEDED: attempts })
  })
})

describe('a session that opens while more is placed than one commit takes in', () => {
  async function withPlaced(): Promise<{
    sql: NodeSql
    node: NodeQueue
    jobIds: string[]
    held: HeldPlacement[]
  }> {
    const sql = new NodeSql()
    const node = new NodeQueue({}, { sql })
    const jobIds = await submitMany(node, attempts, {})
    await node.makeRoom(attempts)
    const { instanceId, runtime } = somewhere
    const held = [...node.placed].map((attemptId) => ({ attemptId, instanceId, runtime, placedAt: node.now }))
    return { sql, node, jobIds, held }
  }

  it('tells a queue that starts anew of all of it, which takes submits before', async () => {
    const { sql, jobIds, held } = await withPlaced()
    const node = new NodeQueue({}, { sql })
    node.held = held
    const order: string[] = []
    const describing = statesOf(node, jobIds).then((states) => {
      order.push('describe')
      return states
    })
    const submitting = node.submit().then(() => order.push('submit'))
    await Promise.all([describing, submitting])
    expect(order).toEqual(['submit', 'describe'])
    expect(await describing).toEqual({ STARTING: attempts })
  })

  it('is overtaken by a report that comes in its midst', async () => {
    const { node, jobIds, held } = await withPlaced()
    const last = held.at(-1)!
    node.held = held.map((placement) => ({ ...placement, startedAt: node.now }))
    node.session = 'another'
    await node.submit()
    // A state is looked at between any two turns.
    const isMidway = async () => (await statesOf(node, jobIds)).RUNNING !== undefined
    while (!(await isMidway())) await new Promise((resolve) => setImmediate(resolve))
    expect(await statesOf(node, [jobIds.at(-1)!])).toEqual({ STARTING: 1 })
    node.placed.delete(last.attemptId)
    await node.queue.report(1, [
      { attemptId: last.attemptId, instanceId: last.instanceId, kind: 'absent', at: node.now },
    ])
    await node.queue.wake(1, false)
    expect(await statesOf(node, jobIds)).toEqual({ RUNNING: attempts - 1, RUNNABLE: 1 })
  })
})
