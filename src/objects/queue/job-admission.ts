import { present } from '../../core/assert.ts'
import { decideRerun } from '../../core/decisions/rerun-job.ts'
import { beginJob } from '../../core/decisions/settle-job.ts'
import { type KnownDependency, namedDependencies } from '../../core/decisions/submit-dependencies.ts'
import { decideSubmit, type SubmittedDraft } from '../../core/decisions/submit-job.ts'
import { limits } from '../../core/limits.ts'
import { consumableNeeds } from '../../core/model/consumable-needs.ts'
import type { Deployment } from '../../core/model/deployment.ts'
import { fingerprint } from '../../core/model/fingerprint.ts'
import { formatJobId, type JobTarget, parseJobId } from '../../core/model/ids.ts'
import { IndexSet } from '../../core/model/index-set.ts'
import type { JobRequest } from '../../core/model/job.ts'
import type { JobDefinition, JobDefinitionRef } from '../../core/model/job-definition.ts'
import type { Dependency, Job } from '../../core/model/job-record.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import { dependencyState } from './dependency-state.ts'
import { withEarlierJobs } from './earlier-entries.ts'
import type { QueueLedger } from './queue-ledger.ts'
import type { DependencyState, RerunJob, SubmitJobs, SubmittedJob } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'
import type { TokenAnswer } from './token-store.ts'

/** What a group of submits had to ask other objects for. */
export type Answers = {
  definitions: Map<string, JobDefinition | undefined>
  /** By job id text, jobs of other queues only. */
  foreign: Map<string, DependencyState>
  unknownConsumables: ReadonlySet<string>
}

type Entry = Exclude<SubmitJobs['entries'][number], { refusal: unknown }>
/** One job to be made. */
type Draft = {
  request: JobRequest
  definition: JobDefinition | undefined
  definitionName: string
  dependencies: KnownDependency[]
  indexes?: IndexSet
  unknownConsumables?: string[]
}

/** A job that is not made. `failure`: why it would end before it has begun, if so. */
export type DraftedJob = { job: Job; definition: JobDefinition; failure?: string }

/** `name` or `name:revision`. */
export function definitionText(ref: JobDefinitionRef): string {
  return ref.revision === undefined ? ref.name : `${ref.name}:${ref.revision}`
}

/** Names of the consumable resources a job needs. */
export function neededResources(
  deployment: Deployment,
  definition: JobDefinition | undefined,
  request: JobRequest,
): string[] {
  if (!definition) return []
  return consumableNeeds(deployment, definition, request).map(({ resource }) => resource)
}

/** Lets jobs into a queue, inside one transaction: tells repeats by their tokens, asks core, stores what is new. */
export class JobAdmission {
  private readonly state: QueueState

  constructor(state: QueueState) {
    this.state = state
  }

  /** Admits the entries of one request in order, each for itself. */
  admit(ledger: QueueLedger, batch: SubmitJobs, answers: Answers): Outcome<Outcome<SubmittedJob>[]> {
    const { state } = this
    if (batch.queue !== state.config.name) return refused(`Job queue ${batch.queue} does not exist`)
    const { token } = batch
    const names = batch.entries.map((entry) => ('request' in entry ? entry.request.jobName : ''))
    if (token !== undefined) {
      const first = this.firstAnswer(token, bulkPrint(batch))
      if (!first.ok) return first
      if (first.value) return accepted(first.value.map((answer, i) => this.replay(answer, names[i] ?? '')))
    }
    const firstNew = state.nextSeq
    const outcomes: Outcome<SubmittedJob>[] = []
    for (const entry of batch.entries)
      outcomes.push(
        'request' in entry
          ? this.admitEntry(ledger, entry, answers, outcomes)
          : { ok: false, refusal: entry.refusal },
      )
    if (token !== undefined && state.nextSeq > firstNew)
      this.keepToken(
        ledger,
        firstNew,
        token,
        bulkPrint(batch),
        outcomes.map((outcome) => this.answerOf(outcome)),
      )
    return accepted(outcomes)
  }

  rerun(ledger: QueueLedger, { job: target, text, jobName, token }: RerunJob): Outcome<SubmittedJob> {
    if (target.index !== undefined)
      return refused(`jobId: job ${text} is a child; to run the failed children again, name their array`)
    const job = ledger.job(target.seq)
    if (!job) return refused(`jobId: job ${text} does not exist`)
    const name = jobName ?? job.request.jobName
    return this.once(ledger, token, { rerun: target.seq, name }, name, () => {
      const rerun = decideRerun(job, text, jobName, () => this.failedIndexes(ledger, job))
      if (!rerun.ok) return rerun
      const definition = this.state.jobs.definition(job.definition)
      return this.make(ledger, {
        ...rerun.value,
        definition,
        definitionName: definition.name,
        dependencies: [],
      })
    })
  }

  /** The job that an entry would make now; nothing is stored. `ledger`: one that is not applied. */
  draft(ledger: QueueLedger, entry: Entry, answers: Answers): Outcome<DraftedJob> {
    const draft = this.draftOf(ledger, entry, answers, [])
    if (!draft.ok) return draft
    const decided = this.decide(ledger, draft.value, 0)
    if (!decided.ok) return decided
    const { job, failure } = decided.value
    const definition = present(draft.value.definition, 'definition of a job that is accepted')
    return accepted({ job, definition, ...(failure === undefined ? {} : { failure }) })
  }

  private admitEntry(
    ledger: QueueLedger,
    entry: Entry,
    answers: Answers,
    earlier: Outcome<SubmittedJob>[],
  ): Outcome<SubmittedJob> {
    const { definition, token } = entry
    const definitionName = definitionText(definition)
    const { jobName } = entry.request
    return this.once(ledger, token, { definitionName, request: entry.request }, jobName, () => {
      const draft = this.draftOf(ledger, entry, answers, earlier)
      return draft.ok ? this.make(ledger, draft.value) : draft
    })
  }

  private draftOf(
    ledger: QueueLedger,
    entry: Entry,
    answers: Answers,
    earlier: Outcome<SubmittedJob>[],
  ): Outcome<Draft> {
    const request = withEarlierJobs(entry.request, earlier)
    if (!request.ok) return request
    const definitionName = definitionText(entry.definition)
    const found = answers.definitions.get(definitionName)
    return accepted({
      request: request.value,
      definition: found,
      definitionName,
      unknownConsumables: neededResources(this.state.deployment, found, request.value).filter((name) =>
        answers.unknownConsumables.has(name),
      ),
      dependencies: namedDependencies(request.value).map(({ jobId }) =>
        this.known(ledger, jobId, answers.foreign),
      ),
    })
  }

  /** Makes a job unless its token has made one already. What is refused is not remembered: nothing came of it. */
  private once(
    ledger: QueueLedger,
    token: string | undefined,
    asked: unknown,
    jobName: string,
    make: () => Outcome<SubmittedJob>,
  ): Outcome<SubmittedJob> {
    if (token === undefined) return make()
    const first = this.firstAnswer(token, fingerprint(asked))
    if (!first.ok) return first
    if (first.value) return this.replay(present(first.value[0], 'first answer'), jobName)
    const seq = this.state.nextSeq
    const outcome = make()
    if (outcome.ok) this.keepToken(ledger, seq, token, fingerprint(asked), [seq])
    return outcome
  }

  private make(ledger: QueueLedger, draft: Draft): Outcome<SubmittedJob> {
    const { state } = this
    const { request, definition } = draft
    const definitionNumber = definition?.status === 'ACTIVE' ? state.jobs.definitionNumber(definition) : 0
    const decided = this.decide(ledger, draft, definitionNumber)
    if (!decided.ok) return decided
    const { edges, indexes, failure } = decided.value
    const job = { ...decided.value.job, share: state.ready.shareNumber(request.shareIdentifier) }
    state.nextSeq++
    ledger.insert(job)
    if (indexes) state.indexes.insert(job.seq, indexes)
    for (const edge of edges) this.store(ledger, edge)
    beginJob(ledger, job, failure)
    return accepted(this.submitted(job.seq, request.jobName))
  }

  private decide(ledger: QueueLedger, draft: Draft, definitionNumber: number): Outcome<SubmittedDraft> {
    const { config, nextSeq: seq } = this.state
    const tooManyShares = this.tooManyShares(ledger, draft.request.shareIdentifier)
    return decideSubmit(draft.request, {
      ...draft,
      queue: config,
      seq,
      definitionNumber,
      tooManyShares,
      now: ledger.now,
    })
  }

  /** Whether the job's share would be one more than may be active. */
  private tooManyShares(ledger: QueueLedger, share: string | undefined): boolean {
    const { ready, allocations } = this.state
    if (share === undefined || ready.shareCount < limits.activeShares) return false
    if (allocations.isActive(share, ledger.now)) return false
    const active = allocations.activeShares(ledger.now)
    for (const number of [...ledger.submittedShares, ...ready.pendingShares()])
      active.add(ready.shareName(number))
    return !active.has(share) && active.size >= limits.activeShares
  }

  private store(ledger: QueueLedger, edge: Dependency): void {
    const { state } = this
    const from = state.config.number
    state.dependencies.insertDependency(edge)
    state.arrays.noteEdge(edge, from)
    if (edge.queue === from) return
    const { queue, seq, index } = edge
    const job: JobTarget = { queue, shard: 0, seq, ...(index === undefined ? {} : { index }) }
    const kind = edge.kind === 'children' ? 'follow' : 'watch'
    ledger.send({ to: 'queue', number: queue, message: { kind, from, job } })
  }

  private known(ledger: QueueLedger, text: string, foreign: Map<string, DependencyState>): KnownDependency {
    const { config, deployment } = this.state
    const named = parseJobId(text, deployment.salt)
    if (!named) return { text, target: undefined, state: 'unknown' }
    if (named.queue !== config.number)
      return { text, target: named, ...(foreign.get(text) ?? { state: 'unknown' }) }
    const target = this.state.locate(named, ledger.job(named.seq))
    return { text, target, ...(target ? dependencyState(this.state, ledger, target) : { state: 'unknown' }) }
  }

  private failedIndexes(ledger: QueueLedger, job: Job): IndexSet {
    const indexes = this.state.indexes.of(job) ?? IndexSet.dense(present(job.array, 'array').size)
    return indexes.at(ledger.children(job.seq).endedIn('FAILED'))
  }

  private firstAnswer(token: string, print: string): Outcome<TokenAnswer[] | undefined> {
    const record = this.state.tokens.find(token)
    if (record && record.fingerprint !== print)
      return refused(`clientToken: ${token} was used for another request to this job queue`)
    return accepted(record?.answer)
  }

  /** The token lives as long as job `seq`. */
  private keepToken(
    ledger: QueueLedger,
    seq: number,
    token: string,
    print: string,
    answer: TokenAnswer[],
  ): void {
    const job = present(ledger.job(seq), 'new job')
    ledger.save({ ...job, tokens: [...(job.tokens ?? []), token] })
    this.state.tokens.insert(token, { fingerprint: print, answer })
  }

  private answerOf(outcome: Outcome<SubmittedJob>): TokenAnswer {
    if (!outcome.ok) return [outcome.refusal.code, outcome.refusal.message]
    return present(parseJobId(outcome.value.jobId, this.state.deployment.salt), 'own job id').seq
  }

  private replay(answer: TokenAnswer, jobName: string): Outcome<SubmittedJob> {
    if (typeof answer === 'number') return accepted(this.submitted(answer, jobName))
    return refused(answer[1], answer[0])
  }

  private submitted(seq: number, jobName: string): SubmittedJob {
    const { config, deployment } = this.state
    return { jobId: formatJobId({ queue: config.number, shard: 0, seq }, deployment.salt), jobName }
  }
}

function bulkPrint({ entries }: SubmitJobs): string {
  return fingerprint({ entries })
}
