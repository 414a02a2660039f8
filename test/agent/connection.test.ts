import { describe, expect, it, onTestFinished } from 'vitest'
import { Connection, connectAddress } from '../../src/agent/connection.ts'
import type { EnvironmentMessage } from '../../src/protocol/agent-protocol.ts'
import { ScriptedEnvironment, type ScriptedOptions } from '../support/scripted-environment.ts'

/** A connection that says a bare hello, to an environment that notes it. */
async function aConnection(options: ScriptedOptions = {}, turnAway?: number) {
  const environment = await ScriptedEnvironment.open(options)
  environment.turnAway = turnAway
  const heard: string[] = []
  const lines: string[] = []
  const pongs: number[] = []
  const watchers = new Set<() => void>()
  const note = (word: string) => {
    heard.push(word)
    for (const look of [...watchers]) look()
  }
  let now = 1000
  const connection: Connection = new Connection({
    url: environment.url,
    environment: 'local',
    token: 'agent-token',
    clock: { now: () => now++ },
    log: (line) => lines.push(line),
    handlers: {
      connected() {
        note('connected')
        connection.send({
          type: 'hello',
          protocol: 2,
          instanceId: '0'.repeat(32),
          offer: {
            resources: { cpuMilli: 1, memoryMiB: 1, gpuMilli: 0, diskMiB: 0 },
            architecture: 'ARM64',
            labels: {},
            runtime: 'process',
            hostname: 'h',
          },
          attempts: [],
        })
      },
      received: (message: EnvironmentMessage) => note(message.type),
      pong(sentAt) {
        pongs.push(sentAt)
        note('pong')
      },
      disconnected: () => note('disconnected'),
      refused: (why) => note(`refused: ${why}`),
    },
  })
  connection.open()
  onTestFinished(async () => {
    connection.stop()
    await environment.close()
  })
  /** Resolves when `word` has been heard `times` times. */
  const hears = (word: string, times = 1) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (heard.filter((other) => other.startsWith(word)).length >= times) resolve()
      }
      watchers.add(look)
      look()
    })
  return { environment, connection, heard, lines, pongs, hears }
}

describe('connectAddress', () => {
  it('is the environment of the deployment, as a WebSocket', () => {
    expect(connectAddress('http://127.0.0.1:8787', 'local').href).toBe(
      'ws://127.0.0.1:8787/agent/v1/environments/local/connect',
    )
    expect(connectAddress('https://batch.example/base/', 'gpu').href).toBe(
      'wss://batch.example/base/agent/v1/environments/gpu/connect',
    )
  })

  it('refuses other protocols', () => {
    expect(() => connectAddress('ftp://batch.example', 'x')).toThrow('not an http or https address')
  })
})

describe('Connection', () => {
  it('shows its token and passes on what is said', async () => {
    const { environment, heard, hears } = await aConnection()
    await hears('welcome')
    expect(environment.authorizations).toEqual(['Bearer agent-token'])
    expect(environment.paths).toEqual(['/agent/v1/environments/local/connect'])
    expect(heard).toEqual(['connected', 'welcome'])
  })

  it('tells when the ping was sent that is answered', async () => {
    const { pongs, hears } = await aConnection({ heartbeatMs: 20 })
    await hears('pong', 3)
    expect(pongs.slice(0, 3)).toEqual([1000, 1001, 1002])
  })

  it('connects again when the socket breaks, and only after it is dead', async () => {
    const { environment, heard, hears } = await aConnection()
    await hears('welcome')
    environment.cut()
    await hears('welcome', 2)
    expect(heard).toEqual(['connected', 'welcome', 'disconnected', 'connected', 'welcome'])
    expect(environment.connections).toBe(1)
  })

  it('gives up a socket on which nobody answers', async () => {
    const { environment, hears, lines } = await aConnection({ heartbeatMs: 20, pong: false })
    await hears('disconnected')
    environment.options.pong = true
    await hears('pong')
    expect(environment.hellos.length).toBeGreaterThanOrEqual(2)
    expect(lines.some((line) => line.startsWith('disconnected'))).toBe(true)
  })

  it('ends when it is turned away for good', async () => {
    for (const status of [401, 403]) {
      const { heard, hears } = await aConnection({}, status)
      await hears('refused')
      expect(heard.filter((word) => word !== 'disconnected')).toEqual([
        `refused: the server answered ${status} Turned Away`,
      ])
    }
  })

  it('ends when the environment refuses it', async () => {
    const { environment, heard, hears } = await aConnection()
    await hears('welcome')
    environment.say({ type: 'refused', code: 'protocol', message: 'too old' })
    await hears('disconnected')
    expect(heard).toEqual(['connected', 'welcome', 'refused: protocol: too old', 'disconnected'])
    expect(environment.hellos).toHaveLength(1)
  })

  it('says once why it cannot connect and tries again', async () => {
    const { environment, lines, hears } = await aConnection({}, 404)
    await hears('disconnected')
    expect(lines).toEqual([
      `cannot reach ${environment.url}: the server answered 404 Turned Away (is there an environment local?)`,
    ])
    environment.turnAway = undefined
    await hears('welcome')
  })
})
