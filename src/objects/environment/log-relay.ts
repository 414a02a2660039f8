import { say } from '../../../adapters/registry.ts'
import type { LogBatch } from '../../core/model/log.ts'
import { logShard } from '../../core/model/log-shard.ts'
import type { PeerSocket } from '../../runtime/sockets.ts'
import type { EnvironmentPorts } from './environment-ports.ts'

/**
 * Passes log lines on to the stores that keep them, one message after the other for each socket, so that a stream's
 * events stay in order; the agent is told once they are stored.
 */
export class LogRelay {
  private readonly ports: Pick<EnvironmentPorts, 'logs' | 'scheduler'>
  private readonly tails = new WeakMap<PeerSocket, Promise<void>>()

  constructor(ports: Pick<EnvironmentPorts, 'logs' | 'scheduler'>) {
    this.ports = ports
  }

  pass(socket: PeerSocket, id: number, batches: LogBatch[]): void {
    const before = this.tails.get(socket) ?? Promise.resolve()
    // The agent sends unacknowledged batches again on its next connection.
    const stored = before
      .then(() => this.store(batches))
      .then(
        () => say(socket, { type: 'logs-settled', id }),
        (error) => {
          console.error('log lines could not be stored:', error)
          socket.close(4002, 'log store unavailable')
        },
      )
    this.tails.set(socket, stored)
    this.ports.scheduler.later(0, () => stored)
  }

  private async store(batches: LogBatch[]): Promise<void> {
    const shards = Map.groupBy(batches, ({ group, stream }) => logShard(group, stream))
    await Promise.all([...shards].map(([shard, own]) => this.ports.logs(shard).append(own)))
  }
}
