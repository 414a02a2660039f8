import { createServer } from 'node:net'
import { CliError } from './cli-error.ts'

export type ListenAddress = {
  /** `host:port`, as workerd takes it. */
  listen: string
  /** Where clients on this machine find it. */
  url: string
}

/** Makes sure that an address can be listened on, taking a free port for 0. Throws CliError. */
export async function checkListenAddress(host: string, port: number): Promise<ListenAddress> {
  const taken = await tryListening(host, port)
  const local = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return { listen: `${bracketed(host)}:${taken}`, url: `http://${bracketed(local)}:${taken}` }
}

function tryListening(host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const server = createServer()
  server.once('error', (error: NodeJS.ErrnoException) => {
    const inUse = `port ${port} on ${host} is in use; choose another with --port`
    reject(new CliError(error.code === 'EADDRINUSE' ? inUse : `cannot listen on ${host}: ${error.message}`))
  })
  server.listen({ host, port, exclusive: true }, () => {
    const address = server.address()
    server.close(() => resolve(typeof address === 'object' && address ? address.port : port))
  })
  return promise
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
