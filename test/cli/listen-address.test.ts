import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkListenAddress } from '../../src/cli/listen-address.ts'

describe('checkListenAddress', () => {
  it('finds a free port', async () => {
    const { listen, url } = await checkListenAddress('127.0.0.1', 0)
    expect(listen).toMatch(/^127\.0\.0\.1:[1-9]\d*$/)
    expect(url).toBe(`http://${listen}`)
  })

  it('leads local clients to loopback when it listens on every address', async () => {
    const { listen, url } = await checkListenAddress('0.0.0.0', 0)
    expect(listen).toMatch(/^0\.0\.0\.0:/)
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/)
  })

  it('refuses a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => {
      server.close()
    })
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    await expect(checkListenAddress('127.0.0.1', port)).rejects.toThrow(
      `port ${port} on 127.0.0.1 is in use; choose another with --port`,
    )
  })

  it('says why an address cannot be listened on', async () => {
    await expect(checkListenAddress('192.0.2.1', 0)).rejects.toThrow('cannot listen on 192.0.2.1: ')
  })
})
