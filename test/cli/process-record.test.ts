import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { identifyProcess, isSameProcess } from '../../src/cli/process-identity.ts'
import { ProcessRecord } from '../../src/cli/process-record.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

function aProcess(): number {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child.pid!
}

describe('identifyProcess', () => {
  it('knows a process again, and nobody under a free pid', () => {
    const identity = identifyProcess(process.pid)!
    expect(isSameProcess(identity)).toBe(true)
    expect(isSameProcess({ ...identity, startedAt: 'earlier' })).toBe(false)
    expect(identifyProcess(2 ** 30)).toBeUndefined()
  })
})

describe('ProcessRecord', () => {
  it('ends what an earlier server left running', async () => {
    const path = join(temporaryDirectory(), 'processes.json')
    const pid = aProcess()
    new ProcessRecord(path).set('workerd', pid)
    const left = identifyProcess(pid)!
    await new ProcessRecord(path).endLeftovers()
    expect(isSameProcess(left)).toBe(false)
    expect(readFileSync(path, 'utf8')).toBe('{}\n')
  })

  it('leaves alone a process that was later given the pid of a recorded one', async () => {
    const path = join(temporaryDirectory(), 'processes.json')
    const identity = identifyProcess(aProcess())!
    writeFileSync(path, JSON.stringify({ workerd: { ...identity, startedAt: 'earlier' } }))
    await new ProcessRecord(path).endLeftovers()
    expect(isSameProcess(identity)).toBe(true)
  })
})
