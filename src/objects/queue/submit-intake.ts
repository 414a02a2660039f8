import { limits } from '../../core/limits.ts'
import { type JobTarget, parseJobId } from '../../core/model/ids.ts'
import type { JobDefinition, JobDefinitionRef } from '../../core/model/job-definition.ts'
import type { Outcome } from '../../core/model/outcome.ts'
import {
  type Answers,
  type DraftedJob,
  definitionText,
  JobAdmission,
  neededResources,
} from './job-admission.ts'
import { QueueLedger } from './queue-ledger.ts'
import type { QueuePorts } from './queue-ports.ts'
import type { DependencyState, RerunJob, SubmitJob, SubmitJobs, SubmittedJob } from './queue-rpc.ts'
import type { QueueState } from './queue-state.ts'

type Batch = Outcome<Outcome<SubmittedJob>[]>
type Waiting = { batch: SubmitJobs; reply: PromiseWithResolvers<Batch> }

/**
 * Takes submits in groups: whatever arrives while one group is looked up and committed makes the next, so that a
 * thousand submits over a few connections share a few commits. An answer is given only after its commit.
 */
export class SubmitIntake {
  private readonly ports: QueuePorts
  private readonly state: QueueState
  private readonly admission: JobAdmission
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
    this.admission = new JobAdmission(state)
  }

  async submit({ queue, ...entry }: SubmitJob): Promise<Outcome<SubmittedJob>> {
    const answers = await this.submitBatch({ queue, entries: [entry] })
    return answers.ok ? answers.value[0]! : answers
  }

  submitBatch(batch: SubmitJobs): Promise<Batch> {
    const reply = Promise.withResolvers<Batch>()
    this.backlog.push({ batch, reply })
    if (!this.busy) {
      this.busy = true
      this.ports.scheduler.later(0, () => this.drain())
    }
    return reply.promise
  }

  /** The job that a submit would make now. Nothing is stored. `now`: epoch ms. */
  async draft(entry: Omit<SubmitJob, 'queue'>, now: number): Promise<Outcome<DraftedJob>> {
    const queue = this.state.config.name
    const answers = await this.lookUp([{ queue, entries: [entry] }])
    return this.admission.draft(new QueueLedger(this.state, now), entry, answers)
  }

  rerun(rerun: RerunJob): Outcome<SubmittedJob> {
    return this.commit((ledger) => this.admission.rerun(ledger, rerun))
  }

  private async drain(): Promise<void> {
    try {
      while (this.backlog.length > 0) {
        const group = this.nextGroup()
        try {
          const answers = await this.lookUp(group.map(({ batch }) => batch))
          this.commitGroup(group, answers)
        } catch (error) {
          for (const { reply } of group) reply.reject(error)
        }
      }
    } finally {
      this.busy = false
    }
  }

  /** A bulk submit is never torn apart. */
  private nextGroup(): Waiting[] {
    let jobs = 0
    const end = this.backlog.findIndex(({ batch }, at) => {
      jobs += batch.entries.length
      return at > 0 && jobs > limits.submitGroup
    })
    return this.backlog.splice(0, end < 0 ? this.backlog.length : end)
  }

  private async lookUp(batches: SubmitJobs[]): Promise<Answers> {
    const submits = batches.flatMap(({ entries }) => entries).filter((entry) => 'request' in entry)
    const refs = new Map<string, JobDefinitionRef>()
    for (const { definition } of submits) refs.set(definitionText(definition), definition)
    const [definitions, foreign] = await Promise.all([
      this.definitions(refs),
      this.foreignDependencies(submits.flatMap(({ request }) => request.dependsOn ?? [])),
    ])
    const needed = submits.flatMap(({ definition, request }) =>
      neededResources(this.state.deployment, definitions.get(definitionText(definition)), request),
    )
    // Most groups need none, and ask nobody.
    const unknown =
      needed.length > 0 ? await this.ports.consumables.unknownResources([...new Set(needed)]) : []
    return { definitions, foreign, unknownConsumables: new Set(unknown) }
  }

  private async definitions(
    refs: Map<string, JobDefinitionRef>,
  ): Promise<Map<string, JobDefinition | undefined>> {
    const definitions =
      refs.size === 0 ? [] : await this.ports.registry.resolveDefinitions([...refs.values()])
    return new Map([...refs.keys()].map((key, i) => [key, definitions[i]]))
  }

  private async foreignDependencies(named: { jobId?: string }[]): Promise<Map<string, DependencyState>> {
    const byQueue = new Map<number, Map<string, JobTarget>>()
    for (const { jobId } of named) {
      const target = jobId === undefined ? undefined : parseJobId(jobId, this.state.deployment.salt)
      if (!target || target.queue === this.state.config.number) continue
      const asked = byQueue.get(target.queue) ?? new Map<string, JobTarget>()
      byQueue.set(target.queue, asked.set(jobId!, target))
    }
    const states = new Map<string, DependencyState>()
    await Promise.all(
      [...byQueue].map(async ([queue, asked]) => {
        const answers = await this.ports.queue(queue).dependencyStates([...asked.values()])
        for (const [i, text] of [...asked.keys()].entries())
          states.set(text, answers[i] ?? { state: 'unknown' })
      }),
    )
    return states
  }

  private commitGroup(group: Waiting[], answers: Answers): void {
    try {
      const outcomes = this.commit((ledger) =>
        group.map(({ batch }) => this.admission.admit(ledger, batch, answers)),
      )
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
}
