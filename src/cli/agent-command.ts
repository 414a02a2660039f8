import { type AgentOptions, runAgent } from '../agent/run-agent.ts'
import type { AgentNotice } from './agent-process.ts'
import { CliError } from './cli-error.ts'

/**
 * Runs an agent until it is told to stop. Started by `longshore dev` it has a channel to it: it says there that it has
 * connected, and it stops when the channel closes because its parent has died. Throws CliError.
 */
export async function runAgentCommand(options: AgentOptions): Promise<void> {
  const connected: AgentNotice = 'connected'
  const orphaned = () => process.kill(process.pid, 'SIGTERM')
  process.once('disconnect', orphaned)
  try {
    await runAgent({ ...options, onConnected: () => process.send?.(connected) })
  } catch (error) {
    throw new CliError((error as Error).message)
  } finally {
    process.off('disconnect', orphaned)
    if (process.connected) process.disconnect()
  }
}
