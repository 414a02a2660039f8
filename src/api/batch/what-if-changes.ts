import { type Deployment, resourceName } from '../../core/model/deployment.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import { wholeCard } from '../../core/model/resources.ts'
import type { NamedChanges } from '../../forecast/named-changes.ts'
import { environmentOrder } from './environment-order.ts'
import type { InputOf } from './model/model-types.ts'

type Wire = NonNullable<InputOf<'WhatIf'>['changes']>
type WireEnvironment = NonNullable<Wire['computeEnvironments']>[number]
type WireHosts = NonNullable<WireEnvironment['addHosts']>[number]

/** What hosts have that AWS Batch starts: a root volume of 30 GiB. */
const defaultDiskGiB = 30

/** What a client wants to be another way, with names for ARNs. */
export function namedChanges(deployment: Deployment, wire: Wire): Outcome<NamedChanges> {
  const { computeEnvironmentOrder, computeEnvironments = [], ...policy } = wire
  const order = computeEnvironmentOrder && environmentOrder(deployment, computeEnvironmentOrder)
  if (order && !order.ok) return refused(`changes.${order.refusal.message}`)
  const hosts: NamedChanges['hosts'] = []
  for (const change of computeEnvironments) {
    const { computeEnvironment, state, addHosts = [], removeHosts: remove = [] } = change
    const environment = resourceName(deployment, 'compute-environment', computeEnvironment)
    if (environment === undefined)
      return refused(`changes.computeEnvironments: compute environment ${computeEnvironment} does not exist`)
    const disabled = state === undefined ? {} : { disabled: state === 'DISABLED' }
    const add = addHosts.flatMap((one) => Array.from({ length: one.count ?? 1 }, () => hostOf(one)))
    hosts.push({ environment, ...disabled, add, remove })
  }
  return accepted({ ...policy, ...(order ? { environments: order.value.environments } : {}), hosts })
}

function hostOf(wire: WireHosts): NamedChanges['hosts'][number]['add'][number] {
  const { vcpus, memory, gpus = 0, gpuModel, cpuArchitecture = 'X86_64', labels = {} } = wire
  const { diskGiB = defaultDiskGiB } = wire
  return {
    capacity: {
      cpuMilli: Math.round(vcpus * 1000),
      memoryMiB: memory,
      gpuMilli: gpus * wholeCard,
      diskMiB: diskGiB * 1024,
    },
    cards: gpus,
    ...(gpuModel === undefined ? {} : { gpuModel }),
    architecture: cpuArchitecture,
    labels,
  }
}
