import { beginJob } from '../../core/decisions/settle-job.ts'
import { decideSubmit, type KnownDependency } from '../../core/decisions/submit-job.ts'
import { limits } from '../../core/limits.ts'
import { consumableNeeds } from '../../core/model/consumable-needs.ts'
import { formatJobId, type JobTarget, parseJobId } from '../../core/model/ids.ts'
import { isTerminal } from '../../core/model/job.ts'
import type { JobDefinition, JobDefinitionRef } from '../../core/model/job-definition.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { QueueLedger } from './queue-ledger.ts'
import type { QueuePorts } from './queue-ports.ts'
import type { DependencyState, SubmitJob, SubmittedJob } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'

type Waiting = { submit: SubmitJob; reply: PromiseWithResolvers<Outcome<SubmittedJob>> }
/** What a group of submits had to ask other objects for. */
type Answers = {
  definitions: Map<string, JobDefinition | undefined>
  /** By job id text, jobs of other queues only. */
  foreign: Map<string, DependencyState>
  unknownConsumables: ReadonlySet<string>
}

/**
 * Takes submits in groups: whatever arrives while one group is looked up and committed makes the next, so that a
 * thousand submits over a few connections share a few commits. An answer is given only after its commit.
 */
export class SubmitIntake {
  private readonly ports: QueuePorts
  private readonly state: QueueState
  private readonly commit: <Result>(work: (ledger: QueueLedger) => Result) => Result
  private readonly backlog: Waiting[] = []
  private busy = false

  constructor(
    ports: QueuePorts,
    state: QueueState,
    commit: <Result>(work: (ledger: QueueLedger) => Result) => Result,
  ) {
    this.ports = ports
    this.state = state
    this.commit = commit
  }

  submit(submit: SubmitJob): Promise<Outcome<SubmittedJob>> {
    const reply = Promise.withResolvers<Outcome<SubmittedJob>>()
    this.backlog.push({ submit, reply })
    if (!this.busy) {
      this.busy = true
      this.ports.scheduler.later(0, () => this.drain())
    }
    return reply.promise
  }

  private async drain(): Promise<void> {
    try {
      while (this.backlog.length > 0) {
        const group = this.backlog.splice(0, limits.submitGroup)
        try {
          const answers = await this.lookUp(group)
          this.commitGroup(group, answers)
        } catch (error) {
          for (const { reply } of group) reply.reject(error)
        }
      }
    } finally {
      this.busy = false
    }
  }

  private async lookUp(group: Waiting[]): Promise<Answers> {
    const refs = new Map(group.map(({ submit }) => [refKey(submit.definition), submit.definition]))
    const [definitions, foreign] = await Promise.all([
      this.ports.registry.resolveDefinitions([...refs.values()]),
      this.foreignDependencies(group),
    ])
    const found = new Map([...refs.keys()].map((key, i) => [key, definitions[i]]))
    const consumables = group.flatMap(({ submit }) => this.consumables(submit, found))
    // Most groups need none, and ask nobody.
    const unknown =
      consumables.length > 0 ? await this.ports.consumables.unknownResources([...new Set(consumables)]) : []
    return { definitions: found, foreign, unknownConsumables: new Set(unknown) }
  }

  /** Names of the consumable resources a job needs. */
  private consumables({ definition, request }: SubmitJob, definitions: Answers['definitions']): string[] {
    const found = definitions.get(refKey(definition))
    if (!found) return []
    return consumableNeeds(this.state.deployment, found, request).map(({ resource }) => resource)
  }

  private async foreignDependencies(group: Waiting[]): Promise<Map<string, DependencyState>> {
    const byQueue = new Map<number, Map<string, JobTarget>>()
    for (const { submit } of group)
      for (const { jobId } of submit.request.dependsOn ?? []) {
        const target = jobId === undefined ? undefined : this.parse(jobId)
        if (!target || target.queue === this.state.config.number) continue
        const asked = byQueue.get(target.queue) ?? new Map<string, JobTarget>()
        byQueue.set(target.queue, asked.set(jobId!, target))
      }
    const states = new Map<string, DependencyState>()
    await Promise.all(
      [...byQueue].map(async ([queue, asked]) => {
        const answers = await this.ports.queue(queue).dependencyStates([...asked.values()])
        for (const [i, text] of [...asked.keys()].entries()) states.set(text, answers[i] ?? 'unknown')
      }),
    )
    return states
  }

  private commitGroup(group: Waiting[], answers: Answers): void {
    try {
      const outcomes = this.commit((ledger) => group.map(({ submit }) => this.admit(ledger, submit, answers)))
      group.forEach(({ reply }, i) => {
        reply.resolve(outcomes[i]!)
      })
    } catch (error) {
      if (group.length === 1) throw error
      // One that breaks must not take the others with it.
      for (const waiting of group) {
        try {
          this.commitGroup([waiting], answers)
        } catch (own) {
          waiting.reply.reject(own)
        }
      }
    }
  }

  private admit(ledger: QueueLedger, submit: SubmitJob, answers: Answers): Outcome<SubmittedJob> {
    const { state } = this
    const definition = answers.definitions.get(refKey(submit.definition))
    if (submit.queue !== state.config.name) return refused(`Job queue ${submit.queue} does not exist`)
    const dependencies = (submit.request.dependsOn ?? [])
      .filter((entry) => entry.jobId !== undefined)
      .map((entry) => this.known(ledger, entry.jobId!, answers.foreign))
    const draft = decideSubmit(submit.request, {
      queue: state.config,
      definition,
      definitionName: refKey(submit.definition),
      dependencies,
      seq: state.nextSeq,
      unknownConsumables: this.consumables(submit, answers.definitions).filter((name) =>
        answers.unknownConsumables.has(name),
      ),
      definitionNumber: definition?.status === 'ACTIVE' ? state.jobs.definitionNumber(definition) : 0,
      now: ledger.now,
    })
    if (!draft.ok) return draft
    const { job, edges, dependencyFailed } = draft.value
    state.nextSeq++
    ledger.insert(job)
    for (const edge of edges) {
      state.dependencies.insertDependency(edge)
      state.arrays.noteEdge(edge, state.config.number)
      const job: JobTarget = { queue: edge.queue, shard: 0, seq: edge.seq, ...indexOf(edge) }
      if (edge.queue !== state.config.number)
        ledger.send({
          to: 'queue',
          number: edge.queue,
          message: { kind: 'watch', from: state.config.number, job },
        })
    }
    beginJob(ledger, job, dependencyFailed)
    const key = { queue: state.config.number, shard: 0, seq: job.seq }
    return accepted({ jobId: formatJobId(key, state.deployment.salt), jobName: submit.request.jobName })
  }

  private known(ledger: QueueLedger, text: string, foreign: Map<string, DependencyState>): KnownDependency {
    const target = this.parse(text)
    if (!target) return { text, target, state: 'unknown' }
    if (target.queue !== this.state.config.number)
      return { text, target, state: foreign.get(text) ?? 'unknown' }
    const size = ledger.job(target.seq)?.array?.size
    return {
      text,
      target,
      state: dependencyState(ledger, target),
      ...(size !== undefined && target.index === undefined ? { arraySize: size } : {}),
    }
  }

  private parse(text: string): JobTarget | undefined {
    return parseJobId(text, this.state.deployment.salt)
  }
}

/** How a job of this queue stands, for those that would wait for it. */
export function dependencyState(ledger: QueueLedger, target: JobTarget): DependencyState {
  const job = ledger.job(target.seq)
  // A node is no job that could be waited for.
  if (!job || target.node !== undefined) return 'unknown'
  if (target.index !== undefined && target.index >= (job.array?.size ?? 0)) return 'unknown'
  const { state } = target.index === undefined ? job.progress : ledger.child(target.seq, target.index)
  if (!isTerminal(state)) return 'unfinished'
  return state === 'SUCCEEDED' ? 'succeeded' : 'failed'
}

function refKey(ref: JobDefinitionRef): string {
  return ref.revision === undefined ? ref.name : `${ref.name}:${ref.revision}`
}

function indexOf(edge: { index?: number }): { index?: number } {
  return edge.index === undefined ? {} : { index: edge.index }
}
