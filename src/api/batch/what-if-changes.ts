import { registryStub } from '../../bindings.ts'
import { createdPolicy } from '../../core/lifecycle/policy-lifecycle.ts'
import { resourceName } from '../../core/model/deployment.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import { wholeCard } from '../../core/model/resources.ts'
import type { Changes, HostChange, PresentState } from '../../core/simulation/changed-state.ts'
import type { PresentQueue } from '../../core/simulation/present-state.ts'
import type { ApiContext } from '../operation.ts'
import { environmentOrder } from './environment-order.ts'
import type { InputOf } from './model/model-types.ts'

type Wire = NonNullable<InputOf<'WhatIf'>['changes']>
type WireEnvironment = NonNullable<Wire['computeEnvironments']>[number]
type WireHosts = NonNullable<WireEnvironment['addHosts']>[number]

/** `environments`: all that are named, by number. `unknownHost`: why a host that is to be removed is none, if so. */
export type RequestedChanges = {
  changes: Changes
  environments: number[]
  unknownHost: (state: PresentState) => string | undefined
}

/** What a client wants to be another way, with numbers for names; or what is wrong with it. */
export async function requestedChanges(
  context: ApiContext,
  queue: PresentQueue,
  wire: Wire,
): Promise<Outcome<RequestedChanges>> {
  const { priority, schedulingSettings, fairsharePolicy } = wire
  if (fairsharePolicy && !queue.fairsharePolicy)
    return refused('changes.fairsharePolicy: the job queue has no fair-share scheduling policy')
  const policy = createdPolicy(fairsharePolicy ? { fairsharePolicy } : {})
  if (!policy.ok) return refused(`changes.${policy.refusal.message}`)
  const order = await numbersInOrder(context, wire)
  if (!order.ok) return order
  const hosts = await hostChanges(context, order.value ?? queue.environments, wire.computeEnvironments ?? [])
  if (!hosts.ok) return hosts
  return accepted({
    changes: {
      ...(priority === undefined ? {} : { priority }),
      ...(order.value ? { environments: order.value } : {}),
      ...(schedulingSettings ? { schedulingSettings } : {}),
      ...(fairsharePolicy ? { fairsharePolicy } : {}),
      hosts: hosts.value,
    },
    environments: order.value ?? [],
    unknownHost: (state) => unknownHost(state, hosts.value),
  })
}

async function numbersInOrder(context: ApiContext, wire: Wire): Promise<Outcome<number[] | undefined>> {
  if (!wire.computeEnvironmentOrder) return accepted(undefined)
  const order = environmentOrder(context.deployment, wire.computeEnvironmentOrder)
  if (!order.ok) return refused(`changes.${order.refusal.message}`)
  return numbersOf(context, order.value.environments, 'changes.computeEnvironmentOrder')
}

async function hostChanges(
  context: ApiContext,
  environments: readonly number[],
  wire: readonly WireEnvironment[],
): Promise<Outcome<HostChange[]>> {
  const member = 'changes.computeEnvironments'
  const names: string[] = []
  for (const { computeEnvironment } of wire) {
    const name = resourceName(context.deployment, 'compute-environment', computeEnvironment)
    if (name === undefined)
      return refused(`${member}: compute environment ${computeEnvironment} does not exist`)
    names.push(name)
  }
  const numbers = await numbersOf(context, names, member)
  if (!numbers.ok) return numbers
  const foreign = numbers.value.findIndex((number) => !environments.includes(number))
  if (foreign >= 0) return refused(`${member}: ${names[foreign]} is no compute environment of the job queue`)
  return accepted(wire.map((change, i) => hostChange(numbers.value[i]!, change)))
}

async function numbersOf({ env }: ApiContext, names: string[], member: string): Promise<Outcome<number[]>> {
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

function hostChange(
  environment: number,
  { state, addHosts = [], removeHosts = [] }: WireEnvironment,
): HostChange {
  return {
    environment,
    ...(state === undefined ? {} : { disabled: state === 'DISABLED' }),
    add: addHosts.flatMap((hosts) => Array.from({ length: hosts.count ?? 1 }, () => hostOf(hosts))),
    remove: removeHosts,
  }
}

function hostOf({ vcpus, memory, gpus = 0, gpuModel, cpuArchitecture, diskGiB, labels }: WireHosts) {
  return {
    capacity: {
      cpuMilli: Math.round(vcpus * 1000),
      memoryMiB: memory,
      gpuMilli: gpus * wholeCard,
      diskMiB: (diskGiB ?? defaultDiskGiB) * 1024,
    },
    cards: gpus,
    ...(gpuModel === undefined ? {} : { gpuModel }),
    architecture: cpuArchitecture ?? ('X86_64' as const),
    labels: labels ?? {},
  }
}

/** As much as AWS Batch's own hosts have: a root volume of 30 GiB. */
const defaultDiskGiB = 30

function unknownHost(state: PresentState, changes: readonly HostChange[]): string | undefined {
  for (const { environment, remove } of changes) {
    const { name, hosts = [] } = state.environments.find((one) => one.number === environment) ?? {}
    const missing = remove.find((id) => !hosts.some(({ instanceId }) => instanceId === id))
    if (missing !== undefined)
      return `changes.computeEnvironments.removeHosts: ${name} has no container instance ${missing}`
  }
  return undefined
}
