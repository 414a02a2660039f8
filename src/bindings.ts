import type { Deployment } from './core/model/deployment.ts'
import type { EnvironmentRpc } from './objects/environment/environment-rpc.ts'
import type { LogsRpc } from './objects/logs/logs-rpc.ts'
import type { QueueRpc } from './objects/queue/queue-rpc.ts'
import type { RegistryRpc } from './objects/registry/registry-rpc.ts'

/** What the Worker and its objects are bound to. Plain workerd offers exactly these. */
export type Env = {
  REGISTRY: DurableObjectNamespace
  QUEUE: DurableObjectNamespace
  ENVIRONMENT: DurableObjectNamespace
  LOGS: DurableObjectNamespace
  PARTITION: string
  REGION: string
  ACCOUNT_ID: string
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

export function environmentStub(env: Env, number: number): EnvironmentRpc & Pick<Fetcher, 'fetch'> {
  return named<EnvironmentRpc & Pick<Fetcher, 'fetch'>>(env.ENVIRONMENT, `environment-${number}`)
}

export function logsStub(env: Env, shard: number): LogsRpc {
  return named<LogsRpc>(env.LOGS, `logs-${shard}`)
}

function named<Rpc>(namespace: DurableObjectNamespace, name: string): Rpc {
  return namespace.get(namespace.idFromName(name)) as unknown as Rpc
}
