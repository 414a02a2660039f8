import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { DevOptions } from './arguments.ts'

/** What an agent that was started by `longshore dev` tells it over the channel between them. */
export type AgentNotice = 'connected'

/**
 * Starts `longshore agent` for the environment `local`, in a session of its own: a Ctrl-C at the terminal is not its.
 * `entry` is the program's main file, `directory` absolute. The agent stops when the channel to it closes, so it
 * does not outlive this process, even one that was killed.
 */
export function spawnAgent(
  entry: string,
  directory: string,
  server: { url: string; agentToken: string },
  options: DevOptions,
): ChildProcess {
  const { runtime, vcpus, memoryMiB, injectEnvironment } = options
  const command = [
    ...[entry, 'agent', '--url', server.url, '--environment', 'local', '--data', join(directory, 'agent')],
    ...(runtime === undefined ? [] : ['--runtime', runtime]),
    ...(vcpus === undefined ? [] : ['--vcpus', String(vcpus)]),
    ...(memoryMiB === undefined ? [] : ['--memory-mib', String(memoryMiB)]),
    ...Object.entries(injectEnvironment).flatMap(([name, value]) => ['--inject-env', `${name}=${value}`]),
  ]
  return spawn(process.execPath, command, {
    env: { ...process.env, LONGSHORE_AGENT_TOKEN: server.agentToken },
    stdio: ['ignore', 2, 2, 'ipc'],
    detached: true,
  })
}

/** Resolves when an agent says that it has connected. */
export function agentConnected(agent: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  agent.on('message', (notice: AgentNotice) => {
    if (notice === 'connected') resolve()
  })
  return promise
}
