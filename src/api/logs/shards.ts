import { type Env, logsStub } from '../../bindings.ts'
import { limits } from '../../core/limits.ts'
import type { LogsRpc } from '../../objects/logs/logs-rpc.ts'

/** Every log store of the deployment, in the order of their numbers. */
export function allShards(env: Env): LogsRpc[] {
  return Array.from({ length: limits.logShards }, (_, shard) => logsStub(env, shard))
}
