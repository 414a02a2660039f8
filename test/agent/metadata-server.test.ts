import { describe, expect, it, onTestFinished } from 'vitest'
import { type MetadataKeys, MetadataServer, type MetadataSource } from '../../src/agent/metadata-server.ts'
import { attemptIdOf } from '../support/attempts.ts'

const told: MetadataSource = (id, of) => (id === attemptIdOf(3) ? undefined : { id, of })

async function aServer(keys?: MetadataKeys, source: MetadataSource | undefined = told) {
  const server = await MetadataServer.open('127.0.0.1', keys)
  onTestFinished(() => server.close())
  if (source) server.serve(source)
  return server
}

async function ask(uri: string, method = 'GET'): Promise<[number, unknown]> {
  const response = await fetch(uri, { method })
  return [response.status, await response.json()]
}

describe('MetadataServer', () => {
  it('tells of a container, and of its task', async () => {
    const server = await aServer()
    for (const id of [attemptIdOf(1), `${attemptIdOf(1)}-9`]) {
      const uri = server.uriOf(id)
      expect(await ask(uri)).toEqual([200, { id, of: 'container' }])
      expect(await ask(`${uri}/`)).toEqual([200, { id, of: 'container' }])
      expect(await ask(`${uri}/task`)).toEqual([200, { id, of: 'task' }])
    }
  })

  it('tells nothing to who has not been given the address', async () => {
    const server = await aServer()
    const [one, two] = [server.uriOf(attemptIdOf(1)), server.uriOf(attemptIdOf(2))]
    const proof = one.slice(-32)
    expect(two.slice(-32)).not.toBe(proof)
    for (const uri of [
      two.slice(0, -32) + proof,
      one.slice(0, -1),
      `${one}0`,
      one.replace(/-[0-9a-f]{32}$/, ''),
      `${one}/stats`,
      `${one}/../${attemptIdOf(2)}`,
      new URL('/', one).href,
      server.uriOf(attemptIdOf(3)),
      server.uriOf('../secret'),
    ]) {
      const [status, answer] = await ask(uri)
      expect([uri, status]).toEqual([uri, 404])
      expect(answer).toEqual({ error: expect.any(String) })
    }
    expect(await ask(one, 'POST')).toEqual([405, { error: 'only GET is answered' }])
  })

  it('has the same addresses when it comes back, and says so until it knows its containers', async () => {
    const first = await aServer()
    const uri = first.uriOf(attemptIdOf(1))
    first.close()
    const second = await MetadataServer.open('127.0.0.1', first.keys)
    onTestFinished(() => second.close())
    expect(second.uriOf(attemptIdOf(1))).toBe(uri)
    expect((await ask(uri))[0]).toBe(503)
    second.serve(told)
    expect((await ask(uri))[0]).toBe(200)
  })

  it('takes another port where its own is in use', async () => {
    const first = await aServer()
    const second = await aServer(first.keys)
    expect(second.keys.secret).toBe(first.keys.secret)
    expect(second.keys.port).not.toBe(first.keys.port)
    expect((await ask(second.uriOf(attemptIdOf(1))))[0]).toBe(200)
  })

  it('is refused an address that is not this machine’s', async () => {
    await expect(MetadataServer.open('192.0.2.1')).rejects.toThrow('EADDRNOTAVAIL')
  })
})
