import { present } from '../../core/assert.ts'
import { nodeShape } from '../../core/model/effective-nodes.ts'
import { isTerminal, type JobRequest, jobStates } from '../../core/model/job.ts'
import type { JobDefinition } from '../../core/model/job-definition.ts'
import type { Job } from '../../core/model/job-record.ts'
import { packProgress, unpackProgress } from '../../core/model/progress.ts'
import type { QueueConfig } from '../../core/model/queue.ts'
import { loadSetting, saveSetting } from '../../runtime/settings.ts'
import type { Sql } from '../../runtime/sql.ts'
import { type RowFilter, rowsThatMatch, type Window } from './row-filter.ts'

/** The setting that outlives the newest job, should it be deleted. */
export const lastSeqSetting = 'lastSeq'

/** By how much a clock may be set back while jobs are submitted. */
export const clockSlackMs = 60_000

/** Single jobs kept in memory; the request of one may have 128 KiB. */
const keptJobs = 256

/** The SQL of a queue's jobs, configuration and definition snapshots. Methods that write belong into the owner's transaction. */
export class QueueStore {
  private readonly sql: Sql
  private readonly definitions = new Map<number, JobDefinition>()
  private readonly definitionNumbers = new Map<string, number>()
  /** Single jobs from when they come up for placing to their end, as they stand in their rows. */
  private readonly jobs = new Map<number, Job>()

  constructor(sql: Sql) {
    this.sql = sql
    this.reload()
  }

  loadConfig(): QueueConfig | undefined {
    return loadSetting(this.sql, 'config')
  }

  saveConfig(config: QueueConfig): void {
    saveSetting(this.sql, 'config', config)
  }

  /** The highest sequence number given so far. */
  lastSeq(): number {
    const stored = this.sql.one<{ seq: number | null }>('SELECT max(seq) AS seq FROM job')?.seq ?? 0
    return Math.max(stored, loadSetting<number>(this.sql, lastSeqSetting) ?? 0)
  }

  definition(number: number): JobDefinition {
    return present(this.definitions.get(number), `definition ${number}`)
  }

  /** The number of a definition's snapshot, stored on first use. */
  definitionNumber(definition: JobDefinition): number {
    const known = this.knownDefinition(definition)
    if (known !== undefined) return known
    const number = this.definitions.size + 1
    this.sql.run(
      'INSERT INTO definition (id, name, revision, body) VALUES (?, ?, ?, ?)',
      number,
      definition.name,
      definition.revision,
      JSON.stringify(definition.body),
    )
    this.rememberDefinition(number, definition)
    return number
  }

  /** The number of a definition of which a job has come here before. */
  knownDefinition({ name, revision }: JobDefinition): number | undefined {
    return this.definitionNumbers.get(`${name}:${revision}`)
  }

  /** After a commit that failed: forgets what it had written. */
  reload(): void {
    this.jobs.clear()
    this.definitions.clear()
    this.definitionNumbers.clear()
    for (const row of this.sql.all<DefinitionRow>('SELECT id, name, revision, body FROM definition'))
      this.rememberDefinition(row.id, definitionOf(row))
  }

  loadJob(seq: number): Job | undefined {
    const known = this.jobs.get(seq)
    if (known) return known
    const row = this.sql.one<JobRow>(`SELECT ${jobColumns} FROM job WHERE seq = ?`, seq)
    return row && this.jobOf(row)
  }

  /** The job has come up for placing: it is kept in memory until its end, or until many others have come up. */
  keepJob(job: Job): void {
    if (job.array || this.jobs.has(job.seq)) return
    this.jobs.set(job.seq, job)
    if (this.jobs.size > keptJobs) this.jobs.delete(this.jobs.keys().next().value!)
  }

  insertJob(job: Job): void {
    this.sql.run(
      `INSERT INTO job (seq, ready, front, share, priority, state, created_at, definition, unmet, progress, array_shape, request, tokens)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      job.seq,
      job.ready ? 1 : 0,
      job.front ? 1 : 0,
      job.share,
      job.priority,
      jobStates.indexOf(job.progress.state),
      job.createdAt,
      job.definition,
      job.unmet,
      JSON.stringify(packProgress(job.progress)),
      job.array ? JSON.stringify(job.array) : null,
      JSON.stringify(job.request),
      job.tokens ? JSON.stringify(job.tokens) : null,
    )
  }

  updateJob(job: Job): void {
    this.sql.run(
      `UPDATE job SET ready = ?, front = ?, state = ?, unmet = ?, progress = ?, array_shape = ? WHERE seq = ?`,
      job.ready ? 1 : 0,
      job.front ? 1 : 0,
      jobStates.indexOf(job.progress.state),
      job.unmet,
      JSON.stringify(packProgress(job.progress)),
      job.array ? JSON.stringify(job.array) : null,
      job.seq,
    )
    if (isTerminal(job.progress.state)) this.jobs.delete(job.seq)
    else if (this.jobs.has(job.seq)) this.jobs.set(job.seq, job)
  }

  saveTags(seq: number, tags: Record<string, string>): void {
    const job = present(this.loadJob(seq), `job ${seq}`)
    const request = { ...job.request, tags }
    this.sql.run('UPDATE job SET request = ? WHERE seq = ?', JSON.stringify(request), seq)
    if (this.jobs.has(seq)) this.jobs.set(seq, { ...job, request })
  }

  /** Up to `limit` jobs with sequence numbers in (`after`, `upTo`] that have not ended, oldest first. */
  unfinishedJobs(after: number, upTo: number, limit: number): number[] {
    return this.sql
      .all<{ seq: number }>(
        'SELECT seq FROM job WHERE seq > ? AND seq <= ? AND state < ? ORDER BY seq LIMIT ?',
        after,
        upTo,
        jobStates.indexOf('SUCCEEDED'),
        limit,
      )
      .map(({ seq }) => seq)
  }

  /** Jobs in PENDING below `before`, newest first. */
  pendingSeqs(before: number, limit: number): number[] {
    return this.sql
      .all<{ seq: number }>(
        `SELECT seq FROM job INDEXED BY job_pending WHERE state = ${pending} AND seq < ? ORDER BY seq DESC LIMIT ?`,
        before,
        limit,
      )
      .map(({ seq }) => seq)
  }

  /**
   * A sequence number behind all jobs created up to `at`, by bisection: sequence goes with time, but for the little by
   * which a clock may be set back.
   */
  seqBehind(at: number): number {
    let low = 0
    let high = this.lastSeq() + 1
    const behind = at + clockSlackMs
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const row = this.sql.one<{ seq: number; created_at: number }>(
        'SELECT seq, created_at FROM job WHERE seq >= ? ORDER BY seq LIMIT 1',
        middle,
      )
      if (!row || row.created_at > behind) high = middle
      else low = row.seq + 1
    }
    return low
  }

  /** The newest job below a sequence number. */
  newestBelow(before: number): number | undefined {
    return (
      this.sql.one<{ seq: number | null }>('SELECT max(seq) AS seq FROM job WHERE seq < ?', before)?.seq ??
      undefined
    )
  }

  /** Jobs in a window that may match, as their rows stand, newest first. */
  jobsWithin(window: Window, filter: RowFilter, limit: number): Job[] {
    const { query, parameters } = rowsThatMatch(jobColumns, window, filter)
    return this.sql.all<JobRow>(`${query} LIMIT ?`, ...parameters, limit).map((row) => this.jobOf(row))
  }

  /** The numbers of the definitions that `isMeant` says yes to. */
  definitionNumbersOf(isMeant: (definition: JobDefinition) => boolean): number[] {
    return [...this.definitions].flatMap(([number, definition]) => (isMeant(definition) ? [number] : []))
  }

  private jobOf(row: JobRow): Job {
    const request: JobRequest = JSON.parse(row.request)
    const nodes = nodeShape(this.definition(row.definition).body, request)
    return {
      seq: row.seq,
      createdAt: row.created_at,
      definition: row.definition,
      request,
      share: row.share,
      priority: row.priority,
      front: row.front === 1,
      unmet: row.unmet,
      progress: unpackProgress(JSON.parse(row.progress)),
      ...(row.array_shape ? { array: JSON.parse(row.array_shape) } : {}),
      ...(nodes ? { nodes } : {}),
      ready: row.ready === 1,
    }
  }

  private rememberDefinition(number: number, definition: JobDefinition): void {
    this.definitions.set(number, definition)
    this.definitionNumbers.set(`${definition.name}:${definition.revision}`, number)
  }
}

const pending = jobStates.indexOf('PENDING')

type DefinitionRow = { id: number; name: string; revision: number; body: string }

function definitionOf(row: DefinitionRow): JobDefinition {
  return { name: row.name, revision: row.revision, status: 'ACTIVE', body: JSON.parse(row.body) }
}

const jobColumns =
  'seq, ready, front, share, priority, created_at, definition, unmet, progress, array_shape, request'

type JobRow = {
  seq: number
  ready: number
  front: number
  share: number
  priority: number
  created_at: number
  definition: number
  unmet: number
  progress: string
  array_shape: string | null
  request: string
}
