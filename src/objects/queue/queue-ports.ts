import type { Deployment } from '../../core/model/deployment.ts'
import type { Clock, Scheduler } from '../../runtime/clock.ts'
import type { Sql } from '../../runtime/sql.ts'
import type { Alarm } from '../../runtime/timers.ts'
import type { ConsumablesRpc } from '../consumables/consumables-rpc.ts'
import type { EnvironmentRpc } from '../environment/environment-rpc.ts'
import type { RegistryRpc } from '../registry/registry-rpc.ts'
import type { QueueRpc } from './queue-rpc.ts'

/** Everything a queue needs from outside; a Durable Object gives the real ones, the simulation its own. */
export type QueuePorts = {
  sql: Sql
  clock: Clock
  scheduler: Scheduler
  alarm: Alarm
  deployment: Deployment
  /** How long jobs stay to be looked at after their end. */
  historyMs: number
  /** This queue's number. */
  number: number
  registry: Pick<RegistryRpc, 'resolveDefinitions' | 'queueConfig'>
  consumables: Pick<ConsumablesRpc, 'unknownResources' | 'openSession' | 'acquire' | 'release'>
  environment(
    number: number,
  ): Pick<
    EnvironmentRpc,
    'openSession' | 'place' | 'explainPlacement' | 'stopAttempts' | 'startNodes' | 'stopNodes'
  >
  queue(number: number): Pick<QueueRpc, 'dependencyStates' | 'deliver' | 'describeJobs'>
}
