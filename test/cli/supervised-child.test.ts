import { spawn } from 'node:child_process'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { identifyProcess, isSameProcess } from '../../src/cli/process-identity.ts'
import { restartDelayMs, SupervisedChild } from '../../src/cli/supervised-child.ts'

function supervise(script: string, { graceMs = 5_000, ready = Promise.resolve() } = {}) {
  const pids: number[] = []
  const said: string[] = []
  const child = new SupervisedChild({
    name: 'worker',
    spawn: () => spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] }),
    onStart: (pid) => pids.push(pid),
    say: (line) => said.push(line),
    graceMs,
  })
  onTestFinished(() => child.stop())
  const started = child.start(ready)
  return { child, pids, said, started }
}

const forever = 'setInterval(() => {}, 1000)'

describe('restartDelayMs', () => {
  it('doubles from 100 ms to 10 s', () => {
    expect([0, 1, 2, 6, 7, 1000].map(restartDelayMs)).toEqual([100, 200, 400, 6400, 10_000, 10_000])
  })
})

describe('SupervisedChild', () => {
  it('starts a child that was killed again, and says so', async () => {
    const { pids, said } = supervise(forever)
    process.kill(pids[0]!, 'SIGKILL')
    await vi.waitUntil(() => pids.length === 2)
    expect(said).toEqual(['worker ended (SIGKILL); starting it again in 100 ms'])
  })

  it('waits longer each time a child ends at once', async () => {
    const { said } = supervise('process.exit(3)')
    await vi.waitUntil(() => said.length === 2, { timeout: 5_000 })
    expect(said).toEqual([
      'worker ended (exit code 3); starting it again in 100 ms',
      'worker ended (exit code 3); starting it again in 200 ms',
    ])
  })

  it('stops a child for good', async () => {
    const { child, pids, said } = supervise(forever)
    const identity = identifyProcess(pids[0]!)!
    await child.stop()
    expect(isSameProcess(identity)).toBe(false)
    expect({ starts: pids.length, said }).toEqual({ starts: 1, said: [] })
  })

  it('kills a child that does not heed SIGTERM', async () => {
    const { child, pids } = supervise(`process.on('SIGTERM', () => {}); ${forever}`, { graceMs: 50 })
    await child.stop()
    expect(identifyProcess(pids[0]!)).toBeUndefined()
  })

  it('stops while it waits to start a child again', async () => {
    const { child, pids, said } = supervise('process.exit(1)')
    await vi.waitUntil(() => said.length === 1)
    await child.stop()
    expect(pids.length).toBe(1)
  })

  it('does not start a child again that ends before it was ready', async () => {
    const { pids, said, started } = supervise('process.exit(3)', { ready: new Promise(() => {}) })
    await expect(started).rejects.toThrow('worker ended before it was ready (exit code 3)')
    expect({ starts: pids.length, said }).toEqual({ starts: 1, said: [] })
  })

  it('treats a program that is not there as a child that ended', async () => {
    const child = new SupervisedChild({
      name: 'worker',
      spawn: () => spawn('/no/such/program'),
      onStart: () => {},
      say: () => {},
      graceMs: 0,
    })
    await expect(child.start(new Promise(() => {}))).rejects.toThrow('ENOENT')
    await child.stop()
  })
})
