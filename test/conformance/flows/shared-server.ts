import { type Server, startServer } from '../../support/server.ts'
import { type Recorded, record } from '../recorder.ts'

let started: { server: Server; recorded: Recorded } | undefined

/** The one server that all flows use, one after the other, on what those before them have made. */
export async function startShared(): Promise<void> {
  const server = await startServer()
  started = { server, recorded: record(server.batch) }
}

export function shared(): { server: Server; recorded: Recorded } {
  if (!started) throw new Error('the server is not started')
  return started
}

export const server = (): Server => shared().server
export const batch = (): Server['batch'] => shared().server.batch
