import { say } from '../../../adapters/registry.ts'
import type { Account } from '../../core/model/deployment.ts'
import type { EnvironmentConfig } from '../../core/model/environment.ts'
import type { AgentMessage, EnvironmentMessage } from '../../protocol/agent-protocol.ts'
import type { PeerSocket } from '../../runtime/sockets.ts'
import type { Host } from './host.ts'

const longestHeartbeatMs = 20_000

export type Hello = AgentMessage & { type: 'hello' }

/** Sends an agent away for good. */
export function refuse(socket: PeerSocket, code: string, message: string): void {
  say(socket, { type: 'refused', code, message })
  socket.close(4003, message)
}

/** The environment does not exist, or not any more. */
export function refuseMissing(socket: PeerSocket): void {
  refuse(socket, 'not-configured', 'this compute environment does not exist')
}

/** Whether an agent has a reason to come: the environment is there, or the host has something left to finish. */
export function isExpected(
  config: EnvironmentConfig | undefined,
  host: Host | undefined,
  hello: Hello,
): boolean {
  if (!config?.deleted) return config !== undefined
  return (host?.placements.size ?? 0) > 0 || hello.attempts.length > 0
}

/** What an agent that has said hello is answered. */
export function welcome(
  config: EnvironmentConfig,
  { partition, region, accountId }: Account,
  stop: { attemptId: string; reason: string }[],
): EnvironmentMessage {
  return {
    type: 'welcome',
    deployment: config.uuid,
    account: { partition, region, accountId },
    environment: config.name,
    leaseMs: config.leaseMs,
    heartbeatMs: Math.min(longestHeartbeatMs, Math.floor(config.leaseMs / 10)),
    stop,
    forget: [],
  }
}
