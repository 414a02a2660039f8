import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DataDirectory } from '../../src/agent/data-directory.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const module = join(import.meta.dirname, '../../src/agent/data-directory.ts')

describe('DataDirectory', () => {
  it('keeps the instance id it was made with, and the lease', async () => {
    const path = temporaryDirectory()
    const first = await DataDirectory.open(path)
    expect(first.instanceId).toMatch(/^[0-9a-f]{32}$/)
    expect(first.lease()).toBeUndefined()
    first.saveLease({ renewedAt: 5, leaseMs: 6 })
    first.close()
    const second = await DataDirectory.open(path)
    expect(second.instanceId).toBe(first.instanceId)
    expect(second.lease()).toEqual({ renewedAt: 5, leaseMs: 6 })
    second.close()
  })

  it('serves one agent at a time, and the next one after a kill -9', async () => {
    const path = temporaryDirectory()
    const script = `const { DataDirectory } = await import(${JSON.stringify(module)})
      await DataDirectory.open(${JSON.stringify(path)}); console.log('open'); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    await expect(DataDirectory.open(path)).rejects.toThrow(`data directory ${path}: in use by another agent`)
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
    const directory = await DataDirectory.open(path)
    directory.close()
  })

  it('refuses a directory of something else, or of another version', async () => {
    const foreign = temporaryDirectory()
    writeFileSync(join(foreign, 'thesis.tex'), '')
    await expect(DataDirectory.open(foreign)).rejects.toThrow("not empty and not an agent's")
    const future = temporaryDirectory()
    writeFileSync(join(future, 'agent.json'), '{"version":2,"instanceId":"x"}')
    await expect(DataDirectory.open(future)).rejects.toThrow('agent.json is not one of this version')
  })

  it('says in one line why a directory cannot be made', async () => {
    const file = join(temporaryDirectory(), 'file')
    writeFileSync(file, '')
    await expect(DataDirectory.open(join(file, 'data'))).rejects.toThrow(/^data directory .*: ENOTDIR/)
  })
})
