import { describe, expect, it } from 'vitest'
import { beginJob, settleJob } from '../../../src/core/decisions/settle-job.ts'
import {
  type KnownDependency,
  planDependencies,
  refuseDependencies,
} from '../../../src/core/decisions/submit-dependencies.ts'
import { arrayOutline, decideSubmit } from '../../../src/core/decisions/submit-job.ts'
import { IndexSet } from '../../../src/core/model/index-set.ts'
import type { JobDependency } from '../../../src/core/model/job.ts'
import { aDefinition, aJob, aProgress, aQueueConfig } from '../../support/builders.ts'
import { MemoryLedger } from '../../support/memory-ledger.ts'

type Type = JobDependency['type']

function known(state: KnownDependency['state'] = 'unfinished', target = {}): KnownDependency {
  return { text: 'five', target: { queue: 1, shard: 0, seq: 5, ...target }, state }
}

/** A job that waits for job 5, which has ended or ends afterwards. */
function outcomeOf(type: Type, end: 'SUCCEEDED' | 'FAILED', before: boolean, size?: number) {
  const ended = aProgress({ state: end, stoppedAt: 1 })
  const ledger = new MemoryLedger([aJob({ seq: 5, ...(before ? { progress: ended, ready: false } : {}) })])
  const state = before ? (end === 'SUCCEEDED' ? 'succeeded' : 'failed') : 'unfinished'
  const dependsOn = [{ jobId: 'five', ...(type ? { type } : {}) }]
  const draft = decideSubmit(
    { jobName: 'job', dependsOn, ...(size ? { arrayProperties: { size } } : {}) },
    {
      queue: aQueueConfig(),
      definition: aDefinition(),
      definitionName: 'definition',
      dependencies: [known(state)],
      seq: 7,
      definitionNumber: 1,
      now: 1_000,
    },
  )
  if (!draft.ok) throw new Error(draft.refusal.message)
  const { job, edges, failure } = draft.value
  ledger.decide(() => {
    ledger.insert(job, edges)
    beginJob(ledger, job, failure)
  })
  if (!before) ledger.decide(() => settleJob(ledger, ledger.job(5)!, ended))
  const { progress, ready } = ledger.job(7)!
  return { state: progress.state, reason: progress.statusReason, ready }
}

const failed = (reason: string) => ({ state: 'FAILED', reason, ready: false })
const runs = { state: 'RUNNABLE', reason: undefined, ready: true }
const dependencyFailed = failed('Dependent Job failed')
const dependencySucceeded = failed('Dependent Job succeeded: this job runs only after its failure')

describe.each([
  ['has ended before', true],
  ['ends afterwards', false],
])('a dependency that %s', (_, before) => {
  it.each<[Type, 'SUCCEEDED' | 'FAILED', object]>([
    [undefined, 'SUCCEEDED', runs],
    [undefined, 'FAILED', dependencyFailed],
    ['AFTER_ANY', 'SUCCEEDED', runs],
    ['AFTER_ANY', 'FAILED', runs],
    ['AFTER_FAILURE', 'SUCCEEDED', dependencySucceeded],
    ['AFTER_FAILURE', 'FAILED', runs],
  ])('of type %s as %s', (type, end, outcome) => {
    expect(outcomeOf(type, end, before)).toEqual(outcome)
    const { state, reason } = outcome as typeof runs
    expect(outcomeOf(type, end, before, 3)).toMatchObject({
      state: state === 'RUNNABLE' ? 'PENDING' : state,
      reason,
    })
  })
})

describe('planDependencies', () => {
  const plan = (dependsOn: JobDependency[], dependencies: KnownDependency[]) =>
    planDependencies({ jobName: 'job', dependsOn }, dependencies, 7, 1)
  const edge = { waiter: 7, queue: 1, seq: 5, kind: 'whole', condition: 'success' }

  it('joins two conditions on one job into the stricter', () => {
    const both: JobDependency[] = [{ jobId: 'five' }, { jobId: 'five', type: 'AFTER_ANY' }]
    expect(plan(both, [known(), known()]).edges).toEqual([edge])
    expect(plan(both.toReversed(), [known(), known()]).edges).toEqual([edge])
  })

  it('keeps a thousand jobs apart', () => {
    const dependsOn = Array.from({ length: 1_000 }, (_, i) => ({ jobId: `${i}` }))
    const dependencies = dependsOn.map((_, i) => known('unfinished', { seq: 10 + i }))
    expect(plan(dependsOn, dependencies).edges).toHaveLength(1_000)
  })

  it('follows an array of another queue whether or not it has ended', () => {
    const dependsOn: JobDependency[] = [{ jobId: 'five', type: 'N_TO_N' }]
    for (const state of ['unfinished', 'succeeded', 'failed'] as const)
      expect(plan(dependsOn, [known(state, { queue: 2 })])).toEqual({
        edges: [{ ...edge, queue: 2, kind: 'children' }],
        nToN: [],
        foreignNToN: [{ queue: 2, seq: 5 }],
      })
  })
})

describe('refuseDependencies', () => {
  const refuse = (
    dependsOn: JobDependency[],
    dependencies: KnownDependency[],
    own?: ReturnType<typeof arrayOutline>,
  ) => refuseDependencies({ jobName: 'job', dependsOn }, dependencies, own)

  it('refuses what can never be', () => {
    const both: JobDependency[] = [{ jobId: 'five' }, { jobId: 'five', type: 'AFTER_FAILURE' }]
    expect(refuse(both, [known(), known()])).toBe('dependsOn: job five cannot both succeed and fail')
  })

  it('refuses AFTER_ANY without a job', () => {
    expect(refuse([{ type: 'AFTER_ANY' }], [])).toBe('dependsOn: AFTER_ANY needs a jobId')
  })

  it('refuses to follow an array of other indexes', () => {
    const set = (text: string) => {
      const parsed = IndexSet.parse(text, 10)
      return arrayOutline(10, parsed.ok ? parsed.value : undefined)
    }
    const dependsOn: JobDependency[] = [{ jobId: 'five', type: 'N_TO_N' }]
    const follow = (theirs: string, ours: string) =>
      refuse(dependsOn, [{ ...known(), array: set(theirs) }], set(ours))
    expect(follow('1-3', '3,1-2')).toBeUndefined()
    expect(follow('1-3', '1-4')).toBe(
      'dependsOn: N_TO_N needs arrays of the same indexes; those of job five are others',
    )
  })
})
