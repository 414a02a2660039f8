import { type Env, registryStub } from '../bindings.ts'
import { createdPolicy } from '../core/lifecycle/policy-lifecycle.ts'
import { accepted, type Outcome, refused } from '../core/model/outcome.ts'
import type { Changes, HostChange, PresentState } from '../core/simulation/changed-state.ts'
import type { PresentQueue } from '../core/simulation/present-state.ts'

/** What is to be another way, by the names of environments. Refusals name members as the API does. */
export type NamedChanges = Omit<Changes, 'environments' | 'hosts'> & {
  environments?: string[]
  hosts: (Omit<HostChange, 'environment'> & { environment: string })[]
}

/** The changes by numbers; refused where a queue or an environment could not be so. */
export async function numberedChanges(
  env: Env,
  queue: PresentQueue,
  { environments: order, hosts, ...policy }: NamedChanges,
): Promise<Outcome<Changes>> {
  const { fairsharePolicy } = policy
  if (fairsharePolicy && !queue.fairsharePolicy)
    return refused('changes.fairsharePolicy: the job queue has no fair-share scheduling policy')
  const created = createdPolicy(fairsharePolicy ? { fairsharePolicy } : {})
  if (!created.ok) return refused(`changes.${created.refusal.message}`)
  const environments = order && (await numbersOf(env, order, 'changes.computeEnvironmentOrder'))
  if (environments && !environments.ok) return environments
  const member = 'changes.computeEnvironments'
  const names = hosts.map(({ environment }) => environment)
  const numbers = await numbersOf(env, names, member)
  if (!numbers.ok) return numbers
  const own = environments?.value ?? queue.environments
  const foreign = numbers.value.findIndex((number) => !own.includes(number))
  if (foreign >= 0) return refused(`${member}: ${names[foreign]} is no compute environment of the job queue`)
  return accepted({
    ...policy,
    ...(environments ? { environments: environments.value } : {}),
    hosts: hosts.map((change, i) => ({ ...change, environment: numbers.value[i]! })),
  })
}

async function numbersOf(env: Env, names: string[], member: string): Promise<Outcome<number[]>> {
  if (names.length === 0) return accepted([])
  const page = await registryStub(env).describeEnvironments(names, { maxResults: names.length })
  if (!page.ok) return page
  const numbers: number[] = []
  for (const name of names) {
    const found = page.value.items.find((one) => one.name === name)
    if (!found) return refused(`${member}: compute environment ${name} does not exist`)
    numbers.push(found.number)
  }
  return accepted(numbers)
}

/** Why a host that is to be removed is none, if so. */
export function unknownHost(state: PresentState, { hosts: changes = [] }: Changes): string | undefined {
  for (const { environment, remove } of changes) {
    const { name, hosts = [] } = state.environments.find((one) => one.number === environment) ?? {}
    const missing = remove.find((id) => !hosts.some(({ instanceId }) => instanceId === id))
    if (missing !== undefined)
      return `changes.computeEnvironments.removeHosts: ${name} has no container instance ${missing}`
  }
  return undefined
}
