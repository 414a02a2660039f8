import type { Deployment } from '../../core/model/deployment.ts'
import type { Clock, Scheduler } from '../../runtime/clock.ts'
import type { Random } from '../../runtime/random.ts'
import type { Sql } from '../../runtime/sql.ts'
import type { Alarm } from '../../runtime/timers.ts'
import type { LogsRpc } from '../logs/logs-rpc.ts'
import type { QueueRpc } from '../queue/queue-rpc.ts'
import type { RegistryRpc } from '../registry/registry-rpc.ts'

/** Everything an environment needs from outside; a Durable Object gives the real ones, the simulation its own. */
export type EnvironmentPorts = {
  sql: Sql
  clock: Clock
  scheduler: Scheduler
  alarm: Alarm
  random: Random
  deployment: Deployment
  /** This environment's number. */
  number: number
  registry: Pick<RegistryRpc, 'environmentSetup'>
  queue(number: number): Pick<QueueRpc, 'report' | 'wake'>
  logs(shard: number): Pick<LogsRpc, 'append'>
}
