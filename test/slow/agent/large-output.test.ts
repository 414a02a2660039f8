import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { limits } from '../../../src/core/limits.ts'
import { AgentChild } from '../../support/agent-child.ts'
import { aSpec } from '../../support/attempts.ts'
import { ScriptedEnvironment } from '../../support/scripted-environment.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const mebibyte = 1024 * 1024

async function aHost() {
  const environment = await ScriptedEnvironment.open()
  const agent = new AgentChild(environment.url, join(temporaryDirectory(), 'agent'))
  onTestFinished(async () => {
    await agent.end('SIGTERM')
    await environment.close()
  })
  await environment.until('hello', () => environment.hellos.length > 0)
  return { environment, agent }
}

/** The most memory that a process has had, bytes. */
function peakMemory(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024
}

function program(script: string): string[] {
  return [process.execPath, '-e', script]
}

describe('an agent whose job prints much', () => {
  it('ships 100 MB without a byte missing, in bounded memory, over lost connections', async () => {
    const { environment, agent } = await aHost()
    environment.start(1, aSpec('', { command: program('') }))
    await environment.until('warm', () => environment.ended(1) !== undefined)
    const before = peakMemory(agent.pid)
    const lines = 1_000_000
    const filler = 'x'.repeat(92)
    const script = `const { writeSync } = require('node:fs'); let text = ''
      for (let n = 0; n < ${lines}; n++) {
        text += String(n).padStart(7, '0') + '${filler}\\n'
        if (n % 5000 === 4999) { writeSync(1, text); text = '' }
      }`
    environment.start(2, aSpec('', { command: program(script) }))
    for (const part of [200_000, 600_000]) {
      await environment.until(`${part} lines`, () => environment.events(2).length > part, 300_000)
      environment.cut()
    }
    await environment.until('every line', () => environment.events(2).length >= lines, 600_000)
    await environment.until('the end', () => environment.ended(2) !== undefined)
    expect(environment.errors).toEqual([])
    const events = environment.events(2)
    expect(events).toHaveLength(lines)
    expect(events.findIndex(([, text], n) => text !== String(n).padStart(7, '0') + filler)).toBe(-1)
    expect(events.findIndex(([at], n) => n > 0 && at < events[n - 1]![0])).toBe(-1)
    expect(environment.largestMessage).toBeLessThan(limits.agentMessageBytes)
    expect(peakMemory(agent.pid) - before).toBeLessThan(64 * mebibyte)
  })

  it('ships long lines and binary bytes in messages the platform takes', async () => {
    const { environment } = await aHost()
    const script = `const { writeSync } = require('node:fs')
      const all = (bytes) => { for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at) }
      all(Buffer.from('é'.repeat(1000000) + '\\n'))
      all(Buffer.alloc(3000000, 1)); all(Buffer.from('\\n'))
      all(Buffer.alloc(3000000, 0xff)); all(Buffer.from('\\nlast\\n'))`
    environment.start(1, aSpec('', { command: program(script) }))
    await environment.until('the last line', () => environment.output(1).at(-1) === 'last', 300_000)
    expect(environment.errors).toEqual([])
    expect(environment.largestMessage).toBeLessThan(limits.agentMessageBytes)
    const whole = environment.output(1).join('')
    const digest = (text: string) => createHash('sha256').update(text).digest('hex')
    const expected = `${'é'.repeat(1_000_000)}${'\u0001'.repeat(3_000_000)}${'\ufffd'.repeat(3_000_000)}last`
    expect(digest(whole)).toBe(digest(expected))
    for (const text of environment.output(1)) {
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limits.logEventBytes)
    }
  })
})
