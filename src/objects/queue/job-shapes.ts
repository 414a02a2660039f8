import type { Job } from '../../core/model/job-record.ts'
import { addResources, noResources, type Resources } from '../../core/model/resources.ts'
import { nodeSpecs, taskSpec } from '../../core/model/task-spec.ts'
import type { QueueStore } from './queue-store.ts'

/** Shapes remembered at once, and jobs whose shape is. */
const keptShapes = 2_000
const keptJobs = 20_000

/**
 * The shapes of jobs: what decides whether there is room for an attempt, and for how long it takes that. Attempts of one
 * shape find room or none alike, so that of a shape refused in a tick no other need be asked for.
 */
export class JobShapes {
  private readonly jobs: QueueStore
  private readonly resources = new Map<string, Resources>()
  /** A job's shape never changes. */
  private readonly bySeq = new Map<number, string>()

  constructor(jobs: QueueStore) {
    this.jobs = jobs
  }

  /** The shape of a job that has come up before, as far as memory goes: what need not be asked for need not be read. */
  known(seq: number): string | undefined {
    return this.bySeq.get(seq)
  }

  /** A text that two jobs of one shape have in common. */
  shapeOf(job: Job): string {
    const known = this.bySeq.get(job.seq)
    if (known !== undefined) return known
    const shape = this.shapeFor(job)
    if (this.bySeq.size >= keptJobs) this.bySeq.clear()
    this.bySeq.set(job.seq, shape)
    return shape
  }

  /** The shape that a job would have. */
  shapeFor({ definition, request }: Pick<Job, 'definition' | 'request'>): string {
    const { containerOverrides: overrides, ecsPropertiesOverride, nodeOverrides, timeout } = request
    const changed = [
      request.placementConstraints,
      overrides?.resourceRequirements,
      overrides?.vcpus,
      overrides?.memory,
      ecsPropertiesOverride,
      nodeOverrides,
      timeout,
    ]
    const plain = changed.every((part) => part === undefined)
    return plain ? `${definition}` : `${definition}:${JSON.stringify(changed)}`
  }

  /** What one attempt holds, all nodes of a gang together. */
  resourcesOf(job: Job): Resources {
    const shape = this.shapeOf(job)
    const known = this.resources.get(shape)
    if (known) return known
    const found = this.workOut(job)
    if (this.resources.size >= keptShapes) this.resources.clear()
    this.resources.set(shape, found)
    return found
  }

  private workOut({ definition, request, nodes }: Job): Resources {
    const body = this.jobs.definition(definition)
    if (!nodes) return taskSpec(body, request).resources
    const { specs, kindOf } = nodeSpecs(body, request)
    return kindOf.map((kind) => specs[kind]!.resources).reduce(addResources, noResources)
  }
}
