import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, copyFileSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import type { DeploymentKeys } from './deployment-keys.ts'
import { writePrivateFile } from './private-file.ts'
import { workerdConfig, workerdEnvironment } from './workerd-config.ts'

/**
 * Puts what workerd runs into a data directory: the configuration, and a copy of the bundle, so that a restart
 * runs what the first start ran. `directory` is absolute; `own`: settings of this deployment that differ from ours.
 */
export function installWorkerd(
  directory: string,
  bundle: string,
  keys: DeploymentKeys,
  own: Parameters<typeof workerdConfig>[1],
): void {
  mkdirSync(join(directory, 'state'), { recursive: true, mode: 0o700 })
  copyFileSync(bundle, join(directory, 'worker.js'))
  writePrivateFile(join(directory, 'workerd.capnp'), workerdConfig(keys, own))
}

/** Starts workerd on an installed data directory, in a session of its own: a Ctrl-C at the terminal is not its. */
export function spawnWorkerd(directory: string, listen: string, keys: DeploymentKeys): ChildProcess {
  const command = [
    ...dieWithParent(),
    (createRequire(import.meta.url)('workerd') as { default: string }).default,
    'serve',
    join(directory, 'workerd.capnp'),
    `--directory-path=state=${join(directory, 'state')}`,
    `--socket-addr=http=${listen}`,
  ]
  return spawn(command[0]!, command.slice(1), {
    env: workerdEnvironment(keys),
    stdio: ['ignore', 2, 2],
    detached: true,
  })
}

/**
 * util-linux's setpriv has the kernel end workerd when this process dies, even by SIGKILL. Without it a leftover
 * workerd ends at the next start on its data directory, from the process record.
 */
function dieWithParent(): string[] {
  const setpriv = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'setpriv'))
    .find(isExecutable)
  return process.platform === 'linux' && setpriv ? [setpriv, '--pdeathsig', 'KILL'] : []
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
