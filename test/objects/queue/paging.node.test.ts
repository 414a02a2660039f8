import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JobView } from '../../../src/core/model/job.ts'
import type { ListJobs, ListJobsFilter } from '../../../src/objects/queue/queue-rpc.ts'
import { NodeQueue } from '../../support/node-queue.ts'

type Step =
  | { kind: 'submit'; jobName: string; size: number; waits: boolean }
  | { kind: 'cancel' | 'start' | 'end'; nth: number }
  | { kind: 'room' }
  | { kind: 'page' }

const nth = fc.nat(100)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('submit' as const),
    jobName: fc.constantFrom('alpha', 'beta'),
    size: fc.constantFrom(1, 1, 3),
    waits: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom('cancel', 'start', 'end'), nth }),
  fc.record({ kind: fc.constant('room' as const) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('page' as const) }) },
)
const query: fc.Arbitrary<Pick<ListJobs, 'state' | 'filter'>> = fc.oneof(
  fc.record({ state: fc.constantFrom('PENDING', 'RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED') }),
  fc.record({
    state: fc.constant('RUNNING' as const),
    filter: fc.constantFrom<ListJobsFilter>(
      { name: 'JOB_NAME', values: ['ALPHA'] },
      { name: 'AFTER_CREATED_AT', at: 1_700_000_000_003 },
    ),
  }),
)

/** One client that pages while others submit, stop and run jobs. */
class Paging {
  readonly node = new NodeQueue()
  readonly jobs: string[] = []
  /** What the client has been shown. */
  readonly shown: string[] = []
  /** What was to be shown at every moment since its first page. */
  throughout: Set<string> | undefined
  over = false
  private token: string | undefined
  private readonly query: Pick<ListJobs, 'state' | 'filter'>
  private readonly maxResults: number

  constructor(query: Pick<ListJobs, 'state' | 'filter'>, maxResults: number) {
    this.query = query
    this.maxResults = maxResults
  }

  async take(step: Step): Promise<void> {
    if (step.kind === 'page') await this.page()
    else if (step.kind === 'submit') await this.submit(step)
    else if (step.kind === 'room') await this.node.makeRoom(1)
    else if (step.kind === 'cancel') {
      const jobId = this.jobs[step.nth % Math.max(1, this.jobs.length)]
      if (jobId) await this.node.queue.cancelJob(this.node.target(jobId), 'why')
    } else {
      const attempts = [...this.node.placed]
      const attempt = attempts[step.nth % Math.max(1, attempts.length)]
      if (attempt) await this.node.report(attempt, step.kind === 'end' ? 0 : undefined)
    }
    if (!this.throughout || this.over) return
    const listed = await this.listed()
    for (const jobId of this.throughout) if (!listed.has(jobId)) this.throughout.delete(jobId)
  }

  async page(): Promise<void> {
    if (this.over) return
    this.throughout ??= await this.listed()
    const { query, maxResults, token } = this
    const outcome = await this.node.queue.listJobs({
      ...query,
      maxResults,
      ...(token === undefined ? {} : { nextToken: token }),
    })
    if (!outcome.ok) throw new Error(outcome.refusal.message)
    this.shown.push(...outcome.value.jobs.map(({ jobId }) => jobId))
    this.token = outcome.value.nextToken
    this.over = this.token === undefined
  }

  private async submit({ jobName, size, waits }: Step & { kind: 'submit' }): Promise<void> {
    const before = this.jobs.at(-1)
    this.jobs.push(
      await this.node.submit({
        jobName,
        ...(size > 1 ? { arrayProperties: { size } } : {}),
        ...(waits && before ? { dependsOn: [{ jobId: before }] } : {}),
      }),
    )
  }

  /** What the query means now, found without it. */
  private async listed(): Promise<Set<string>> {
    const views = await this.node.describe(this.jobs)
    return new Set(views.filter((view) => view && this.isMeant(view)).map((view) => view!.jobId))
  }

  private isMeant(view: JobView): boolean {
    const { state, filter } = this.query
    if (!filter) return view.state === state
    return filter.name === 'JOB_NAME'
      ? view.jobName === 'alpha'
      : view.createdAt > (filter as { at: number }).at
  }
}

describe('listJobs, page by page while jobs are submitted, stopped and run', () => {
  it('repeats none, and skips none that is there throughout', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 50, size: 'max' }),
        query,
        fc.integer({ min: 1, max: 4 }),
        async (steps, asked, maxResults) => {
          const paging = new Paging(asked, maxResults)
          for (const next of steps) await paging.take(next)
          while (!paging.over) await paging.page()
          expect(new Set(paging.shown).size, 'shown twice').toBe(paging.shown.length)
          expect([...paging.throughout!].filter((jobId) => !paging.shown.includes(jobId))).toEqual([])
          expect(paging.shown, 'newest first').toEqual(
            paging.shown.toSorted((a, b) => paging.jobs.indexOf(b) - paging.jobs.indexOf(a)),
          )
        },
      ),
      { numRuns: 150 },
    )
  })
})
