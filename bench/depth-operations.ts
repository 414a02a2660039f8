import type { JobRequest } from '../src/core/model/job.ts'
import type { JobCondition } from '../src/core/model/job-condition.ts'
import type { ListJobs } from '../src/objects/queue/queue-rpc.ts'
import { accepted, type DeepQueue } from './deep-queue.ts'

/** Something a queue is asked to do, whose cost is compared at two depths. */
export type Operation = { name: string; run(queue: DeepQueue): Promise<unknown> }

/** Attempts that one tick starts. */
export const startedAtOnce = 8
const pageSize = 100
/** Children of one array that a page shows: fewer than the smallest has. */
const childrenShown = 5

/**
 * In this order a round leaves about as many jobs as it found, but for those that end. `request`: of the nth job. `size`: of
 * each, where they are arrays.
 */
export function depthOperations(
  request: (number: number) => Partial<JobRequest>,
  size?: number,
): Operation[] {
  const next = (queue: DeepQueue, nth = 1) => request(queue.newest + nth)
  return [
    { name: 'submit of one', run: (queue) => queue.submitOne(next(queue)) },
    {
      name: `submit of ${startedAtOnce} at once`,
      run: (queue) => queue.submit(Array.from({ length: startedAtOnce }, (_, i) => next(queue, i + 1))),
    },
    { name: `tick that starts ${startedAtOnce}`, run: tickLater },
    { name: `${startedAtOnce} ends`, run: (queue) => queue.endPlaced() },
    { name: 'describe', run: (queue) => queue.node.queue.describeJobs([queue.anyJob()]) },
    {
      name: `describe of ${pageSize}`,
      run: (queue) => queue.node.queue.describeJobs(Array.from({ length: pageSize }, () => queue.anyJob())),
    },
    { name: 'cancel', run: (queue) => queue.node.queue.cancelJob(queue.anyWaiting(size), 'bench') },
    ...(['RUNNABLE', 'PENDING', 'SUCCEEDED', 'FAILED'] as const).map((state) => list({ state })),
    list({ filter: { name: 'JOB_NAME', values: ['BENCH*'] } }),
    search({ name: 'STATUS', states: ['PENDING', 'RUNNABLE'] }),
    { name: 'queue snapshot', run: async (queue) => accepted(await queue.node.queue.snapshot('queue')) },
    { name: 'explain', run: (queue) => queue.node.queue.explainJob(queue.anyWaiting(size)) },
    ...(size === undefined ? [] : childOperations(size)),
  ]
}

/** A second after the last one: what shares have used counts for less by then. */
function tickLater({ node }: DeepQueue): Promise<void> {
  node.now += 1_000
  return node.makeRoom(startedAtOnce)
}

function childOperations(size: number): Operation[] {
  const anyChild = (queue: DeepQueue) => ({
    ...queue.anyWaiting(size),
    index: Math.floor(Math.random() * size),
  })
  const page = { queue: 'queue', state: 'RUNNABLE', maxResults: childrenShown } as const
  return [
    { name: 'describe of a child', run: (queue) => queue.node.queue.describeJobs([anyChild(queue)]) },
    { name: 'explain of a child', run: (queue) => queue.node.queue.explainJob(anyChild(queue)) },
    {
      name: `list page of ${childrenShown} children`,
      run: async (queue) =>
        accepted(await queue.node.queue.listJobs({ ...page, arrayJob: queue.anyWaiting(size) })),
    },
  ]
}

function list({ state = 'RUNNING', filter }: Partial<ListJobs>): Operation {
  const query = { queue: 'queue', state, maxResults: pageSize, ...(filter ? { filter } : {}) }
  return {
    name: `list page ${filter ? 'by name' : state}`,
    run: async (queue) => accepted(await queue.node.queue.listJobs(query)),
  }
}

function search(condition: JobCondition): Operation {
  const query = { queue: 'queue', maxResults: pageSize, conditions: [condition] }
  return {
    name: 'search page',
    run: async (queue) => accepted(await queue.node.queue.searchJobs(query)),
  }
}
