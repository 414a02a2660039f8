import type { SchedulingSettings } from '../model/queue.ts'
import type { FairsharePolicy } from '../model/scheduling-policy.ts'
import type { PoolHost } from '../scheduling/demand.ts'
import type { PresentEnvironment, PresentHost, PresentQueue } from './present-state.ts'

/** Queues and environments that have to do with each other, as they are at one moment. `now`: epoch ms. */
export type PresentState = { now: number; queues: PresentQueue[]; environments: PresentEnvironment[] }

/** What is to be another way. What is absent stays as it is; policies are replaced whole. */
export type Changes = {
  priority?: number
  /** Numbers of the queue's environments, in their order. */
  environments?: number[]
  schedulingSettings?: SchedulingSettings
  fairsharePolicy?: FairsharePolicy
  hosts?: HostChange[]
}

/** `remove`: instance ids; what runs there goes on and nothing new starts. */
export type HostChange = {
  environment: number
  disabled?: boolean
  add: Omit<PoolHost, 'id'>[]
  remove: string[]
}

/** How the ids of hosts begin that are not there. */
const addedPrefix = 'added-'

export function isAdded({ instanceId }: PresentHost): boolean {
  return instanceId.startsWith(addedPrefix)
}

/** The state as it would be if a queue and its environments were changed; itself where nothing is. */
export function changedState(state: PresentState, queue: number, changes: Changes): PresentState {
  const { hosts = [], ...policy } = changes
  if (hosts.length + Object.keys(policy).length === 0) return state
  return {
    ...state,
    queues: state.queues.map((one) => (one.number === queue ? { ...one, ...policy } : one)),
    environments: state.environments.map((environment) =>
      hosts.filter((change) => change.environment === environment.number).reduce(changedHosts, environment),
    ),
  }
}

function changedHosts(environment: PresentEnvironment, change: HostChange): PresentEnvironment {
  const removed = new Set(change.remove)
  const stay = environment.hosts.map((one) => (removed.has(one.instanceId) ? { ...one, open: false } : one))
  const added = change.add.map((host, i) => {
    const id = `${addedPrefix}${environment.hosts.length + i}`
    return { instanceId: id, host: { ...host, id }, open: true }
  })
  const { disabled = environment.disabled } = change
  return { ...environment, disabled, hosts: [...stay, ...added] }
}
