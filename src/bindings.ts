import type { Deployment } from './core/model/deployment.ts'
import type { ConsumablesRpc } from './objects/consumables/consumables-rpc.ts'
import type { EnvironmentRpc } from './objects/environment/environment-rpc.ts'
import type { LogsRpc } from './objects/logs/logs-rpc.ts'
import type { QueueRpc } from './objects/queue/queue-rpc.ts'
import type { RegistryRpc } from './objects/registry/registry-rpc.ts'

/** A Durable Object namespace, as far as it is used here. */
export type ObjectNamespace = { idFromName(name: string): unknown; get(id: never): unknown }

/** What answers HTTP requests: an object seen from outside. */
export type HttpEndpoint = { fetch(request: Request): Promise<Response> }

/** What the Worker and its objects are bound to. Plain workerd offers exactly these. */
export type Env = {
  REGISTRY: ObjectNamespace
  QUEUE: ObjectNamespace
  ENVIRONMENT: ObjectNamespace
  LOGS: ObjectNamespace
  CONSUMABLES: ObjectNamespace
  PARTITION: string
  REGION: string
  ACCOUNT_ID: string
  /** For how many days after its end a job stays to be looked at; at least 1. Absent: 14. */
  HISTORY_DAYS?: string
  /** Secrets. */
  ADMIN_ACCESS_KEY_ID: string
  ADMIN_SECRET_ACCESS_KEY: string
  ADMIN_TOKEN: string
  /** Lets a host join any environment, and nothing else. */
  AGENT_TOKEN: string
  DEPLOYMENT_SALT: string
}

export function deploymentOf(env: Env): Deployment {
  return {
    partition: env.PARTITION,
    region: env.REGION,
    accountId: env.ACCOUNT_ID,
    salt: env.DEPLOYMENT_SALT,
  }
}

export function registryStub(env: Env): RegistryRpc {
  return named<RegistryRpc>(env.REGISTRY, 'registry')
}

export function queueStub(env: Env, number: number): QueueRpc {
  return named<QueueRpc>(env.QUEUE, `queue-${number}`)
}

export function environmentStub(env: Env, number: number): EnvironmentRpc & HttpEndpoint {
  return named<EnvironmentRpc & HttpEndpoint>(env.ENVIRONMENT, `environment-${number}`)
}

export function logsStub(env: Env, shard: number): LogsRpc {
  return named<LogsRpc>(env.LOGS, `logs-${shard}`)
}

export function consumablesStub(env: Env): ConsumablesRpc {
  return named<ConsumablesRpc>(env.CONSUMABLES, 'consumables')
}

function named<Rpc>(namespace: ObjectNamespace, name: string): Rpc {
  return namespace.get(namespace.idFromName(name) as never) as Rpc
}

/** The number in an object's name, `queue-7`: every object of this product is reached by such a name. */
export function objectNumber(state: { id: { name?: string | undefined } }): number {
  const match = /-(\d+)$/.exec(state.id.name ?? '')
  if (!match) throw new Error(`an object was reached without its name: ${state.id.name ?? 'no name'}`)
  return Number(match[1])
}
