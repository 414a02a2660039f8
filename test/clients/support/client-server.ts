import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { type DevServer, startDevServer } from '../../../examples/flight-delays/dev-server.ts'
import type { ClientRun } from './client-run.ts'

/** A `longshore dev` whose agent runs jobs as plain processes, and what its `env` file gives a shell. */
export type ClientServer = Pick<DevServer, 'url' | 'said' | 'credentials'> & { env: Record<string, string> }

/** It is stopped at the end. `injected` is what its jobs find in their environment besides their own variables. */
export async function startClientServer(
  run: ClientRun,
  injected: Record<string, string> = {},
): Promise<ClientServer> {
  const dataDirectory = join(run.folder, 'data')
  const server = await startDevServer({
    dataDirectory,
    args: [
      ...['--runtime', 'process', '--vcpus', '8', '--memory-mib', '65536'],
      ...Object.entries(injected).flatMap(([name, value]) => ['--inject-env', `${name}=${value}`]),
    ],
    signal: run.signal,
  })
  run.atEnd(() => server.stop())
  return { ...server, env: sourced(join(dataDirectory, 'env')) }
}

/** What a shell that starts with nothing has after `. FILE`. */
function sourced(file: string): Record<string, string> {
  const printed = execFileSync('sh', ['-c', '. "$1"; env -0', 'sh', file], { env: {}, encoding: 'utf8' })
  const pairs = printed.split('\0').map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string])
  return Object.fromEntries(pairs.filter(([name]) => /^(AWS|LONGSHORE)_/.test(name)))
}
