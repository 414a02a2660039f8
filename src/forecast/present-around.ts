import { type Env, environmentStub, queueStub } from '../bindings.ts'
import type { PresentState } from '../core/simulation/changed-state.ts'
import type { PresentEnvironment, PresentQueue } from '../core/simulation/present-state.ts'

/**
 * A queue with its environments, those that it might have (`also`, by number), and whatever else has to do with them: queues
 * that share an environment with it, their other environments, and so on.
 */
export async function presentAround(
  env: Env,
  queue: PresentQueue,
  also: readonly number[],
): Promise<PresentState> {
  const queues = new Map<number, PresentQueue | undefined>([[queue.number, queue]])
  const environments = new Map<number, PresentEnvironment>()
  let unknown = unknownIn(environments, [...queue.environments, ...also])
  while (unknown.length > 0) {
    const found = await Promise.all(unknown.map((number) => environmentStub(env, number).present()))
    for (const environment of found) environments.set(environment.number, environment)
    const others = unknownIn(
      queues,
      found.flatMap((environment) => environment.queues),
    )
    const answers = await Promise.all(others.map((number) => queueStub(env, number).present({})))
    for (const [i, answer] of answers.entries())
      queues.set(others[i]!, answer.ok ? answer.value.present : undefined)
    const reached = answers.flatMap((answer) => (answer.ok ? answer.value.present.environments : []))
    unknown = unknownIn(environments, reached)
  }
  return {
    now: Date.now(),
    queues: [...queues.values()].filter((one) => one !== undefined),
    environments: [...environments.values()],
  }
}

function unknownIn(known: ReadonlyMap<number, unknown>, numbers: readonly number[]): number[] {
  return [...new Set(numbers)].filter((number) => !known.has(number))
}
