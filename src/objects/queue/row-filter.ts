import { isTerminal, type JobState, jobStates } from '../../core/model/job.ts'
import type { SqlValue } from '../../runtime/sql.ts'
import { endedBlockSize } from './queue-schema.ts'

/** What of a job its row tells at little cost; `states` as clients see them, `definitions` by number. */
export type RowFilter = { states?: readonly JobState[]; definitions?: readonly number[] }

/** Neighbouring sequence numbers: `from`, and up to `before`. */
export type Window = { from: number; before: number }

/** Whether there is an index that leads to the jobs in the only state asked for. */
export function isIndexed({ states }: RowFilter): boolean {
  return states?.length === 1 && (states[0] === 'PENDING' || isTerminal(states[0]!))
}

/** Whether only jobs are asked for whose row says RUNNABLE. STARTING is kept in memory. */
export function isRunnable({ states }: RowFilter): boolean {
  return states?.every((state) => state === 'RUNNABLE' || state === 'STARTING') ?? false
}

/** A query for `columns` of the jobs that may match in a window, newest first, but for its LIMIT. */
export function rowsThatMatch(
  columns: string,
  { from, before }: Window,
  filter: RowFilter,
): { query: string; parameters: SqlValue[] } {
  const { states = jobStates, definitions } = filter
  const stored = states.map((state) => jobStates.indexOf(state === 'STARTING' ? 'RUNNABLE' : state))
  const clauses: string[] = []
  const parameters: SqlValue[] = []
  let source = 'job'
  let order = 'seq DESC'
  if (isIndexed(filter) && isTerminal(states[0]!)) {
    const first = `ended.block * ${endedBlockSize}`
    source = 'ended_block AS ended CROSS JOIN job'
    order = 'ended.block DESC, seq DESC'
    clauses.push(`ended.state = ${stored[0]}`, 'ended.block <= ?', `job.state = ${stored[0]}`)
    clauses.push(`seq BETWEEN ${first} AND min(${first} + ${endedBlockSize - 1}, ?)`)
    parameters.push(Math.floor((before - 1) / endedBlockSize), before - 1)
  } else {
    clauses.push('seq < ?', 'seq >= ?')
    parameters.push(before, from)
    if (isIndexed(filter)) source = 'job INDEXED BY job_pending'
    if (isIndexed(filter)) clauses.push(`state = ${stored[0]}`)
    else if (filter.states) {
      clauses.push('(1 << state) & ?')
      parameters.push(stored.reduce((mask, state) => mask | (1 << state), 0))
    }
  }
  if (definitions) {
    clauses.push('definition IN (SELECT value FROM json_each(?))')
    parameters.push(JSON.stringify(definitions))
  }
  return {
    query: `SELECT ${columns} FROM ${source} WHERE ${clauses.join(' AND ')} ORDER BY ${order}`,
    parameters,
  }
}
