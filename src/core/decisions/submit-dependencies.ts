import { reasons } from '../lifecycle/job-lifecycle.ts'
import type { JobTarget } from '../model/ids.ts'
import type { JobDependency, JobRequest } from '../model/job.ts'
import type { ArrayKey, Dependency, EndCondition } from '../model/job-record.ts'

/** What an array's size and indexes come to, for those that would follow it child by child. */
export type ArrayOutline = { size: number; digest: string }

/** A dependency's target as known when the job is submitted. In its own queue a child is named by its position. */
export type KnownDependency = {
  text: string
  target: JobTarget | undefined
  state: 'unknown' | 'unfinished' | 'succeeded' | 'failed'
  /** Of an array's parent. */
  array?: ArrayOutline
}

/** What a job's dependencies come to: what it must wait for, child by child too, and why it has failed already. */
export type DependencyPlan = {
  edges: Dependency[]
  nToN: number[]
  foreignNToN: ArrayKey[]
  failure?: string
}

/** The entries that name a job, in order. */
export function namedDependencies(request: JobRequest): (JobDependency & { jobId: string })[] {
  return (request.dependsOn ?? []).filter(
    (entry): entry is JobDependency & { jobId: string } => entry.jobId !== undefined,
  )
}

/** What is wrong with a job's dependencies, or undefined. `own`: of the job itself, where it is an array. */
export function refuseDependencies(
  request: JobRequest,
  dependencies: KnownDependency[],
  own: ArrayOutline | undefined,
): string | undefined {
  for (const { jobId, type } of request.dependsOn ?? []) {
    if ((type === 'SEQUENTIAL' || type === 'N_TO_N') && !own)
      return `dependsOn: type ${type} is for array jobs only`
    if (jobId !== undefined || type === 'SEQUENTIAL') continue
    return type === undefined ? 'dependsOn: jobId or type is required' : `dependsOn: ${type} needs a jobId`
  }
  const named = namedDependencies(request)
  for (const [i, known] of dependencies.entries()) {
    if (known.state === 'unknown' || !known.target) return `dependsOn: job ${known.text} does not exist`
    if (named[i]?.type === 'N_TO_N') {
      const refusal = refuseCounterpart(known, own!)
      if (refusal !== undefined) return refusal
    }
  }
  return contradiction(named, dependencies)
}

function refuseCounterpart(known: KnownDependency, own: ArrayOutline): string | undefined {
  if (!known.array) return `dependsOn: job ${known.text} is not an array job`
  if (known.array.size !== own.size)
    return `dependsOn: N_TO_N needs arrays of one size; job ${known.text} has size ${known.array.size}, this one ${own.size}`
  if (known.array.digest !== own.digest)
    return `dependsOn: N_TO_N needs arrays of the same indexes; those of job ${known.text} are others`
  return undefined
}

function contradiction(
  named: (JobDependency & { jobId: string })[],
  dependencies: KnownDependency[],
): string | undefined {
  const wanted = new Map<string, EndCondition>()
  for (const [i, known] of dependencies.entries()) {
    const condition = conditionOf(named[i]!)
    if (named[i]!.type === 'N_TO_N' || condition === 'any') continue
    const key = keyOf(known.target!)
    if ((wanted.get(key) ?? condition) !== condition)
      return `dependsOn: job ${known.text} cannot both succeed and fail`
    wanted.set(key, condition)
  }
  return undefined
}

/** Edges to what has not ended. A counterpart's edge stays even to an ended array: its children's ends still decide. */
export function planDependencies(
  request: JobRequest,
  dependencies: KnownDependency[],
  waiter: number,
  queue: number,
): DependencyPlan {
  const named = namedDependencies(request)
  const edges = new Map<string, Dependency>()
  const own = new Set<number>()
  const foreign = new Map<string, ArrayKey>()
  let failure: string | undefined
  for (const [i, { target, state }] of dependencies.entries()) {
    if (!target) continue
    const follows = named[i]!.type === 'N_TO_N'
    if (follows && target.queue === queue) own.add(target.seq)
    else if (follows) foreign.set(keyOf(target), { queue: target.queue, seq: target.seq })
    const condition = follows ? 'success' : conditionOf(named[i]!)
    if (!follows && state !== 'unfinished') failure ??= unmetReason(condition, state === 'succeeded')
    // Only the other queue knows which of its children have ended, and tells when it is asked.
    if (state !== 'unfinished' && !(follows && target.queue !== queue)) continue
    const key = `${follows} ${keyOf(target)}`
    const before = edges.get(key)
    if (before && before.condition !== 'any') continue
    edges.set(key, {
      waiter,
      queue: target.queue,
      seq: target.seq,
      ...(target.index === undefined ? {} : { index: target.index }),
      kind: follows ? 'children' : 'whole',
      condition,
    })
  }
  const plan = { edges: [...edges.values()], nToN: [...own], foreignNToN: [...foreign.values()] }
  return failure === undefined ? plan : { ...plan, failure }
}

/** Why a job cannot run after its dependency has ended, or undefined where that end is what it waited for. */
export function unmetReason(condition: EndCondition, succeeded: boolean): string | undefined {
  if (condition === 'any' || (condition === 'success') === succeeded) return undefined
  return succeeded ? reasons.dependencySucceeded : reasons.dependencyFailed
}

function conditionOf({ type }: JobDependency): EndCondition {
  if (type === 'AFTER_ANY') return 'any'
  return type === 'AFTER_FAILURE' ? 'failure' : 'success'
}

function keyOf({ queue, seq, index }: JobTarget): string {
  return `${queue}/${seq}/${index ?? ''}`
}
