import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MemoryCgroups } from '../../src/agent/memory-cgroups.ts'
import { nodeScheduler } from '../../src/agent/node-scheduler.ts'
import { ProcessEngine } from '../../src/agent/process-engine.ts'
import type { TaskSpec } from '../../src/core/model/task-spec.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { anAttempt, aSpec, attemptIdOf, type SpecMembers } from '../support/attempts.ts'
import { HostRig } from '../support/host-rig.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const limitsMemory = MemoryCgroups.detect('process-engine-test') !== undefined
const isRoot = process.getuid?.() === 0

async function aRig(path = temporaryDirectory(), gpus: string[] = []) {
  const injectEnvironment = { INJECTED: 'yes', BOTH: 'injected' }
  const scheduler = nodeScheduler(() => {})
  const cgroups = MemoryCgroups.detect('process-engine-test')
  const engine = new ProcessEngine({ injectEnvironment, cgroups, clock: systemClock, scheduler })
  const rig = await HostRig.open(engine, path, gpus)
  /** Runs the n-th attempt to its end. */
  const run = async (n: number, spec: TaskSpec) => {
    rig.runtime.start(anAttempt(n, spec))
    return rig.end(n)
  }
  return Object.assign(rig, { run })
}

/** Whether anything runs with these words on its command line. */
function isRunning(words: string): boolean {
  return readdirSync('/proc').some((name) => /^\d+$/.test(name) && commandOf(name) === words)
}

function commandOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').join(' ').trim()
  } catch {
    return undefined
  }
}

describe('ProcessEngine', () => {
  it('tells start, end, exit status and what was printed, both streams in their order', async () => {
    const rig = await aRig()
    const before = Date.now()
    const end = await rig.run(1, aSpec('echo out; echo err >&2; printf tail; exit 7'))
    expect(end).toMatchObject({ cause: 'exited', exitCode: 7, startedAt: rig.startedAt(1) })
    expect(end.startedAt).toBeGreaterThanOrEqual(before)
    expect(end.stoppedAt).toBeGreaterThanOrEqual(end.startedAt!)
    expect(rig.output(1)).toEqual(['out', 'err', 'tail'])
  })

  it('gives a job exactly its environment', async () => {
    const rig = await aRig()
    const environment = [
      { name: 'BOTH', value: 'job' },
      { name: 'odd.name', value: 'a b\nc' },
      { name: 'EMPTY', value: '' },
    ]
    await rig.run(1, aSpec('', { command: ['env', '-0'], environment }))
    const variables = rig.output(1).join('\n').split('\ufffd').filter(Boolean)
    expect(variables.sort()).toEqual(
      [
        'AWS_BATCH_JOB_ATTEMPT=1',
        'AWS_EXECUTION_ENV=AWS_ECS_EC2',
        'BOTH=job',
        'EMPTY=',
        `HOME=${join(rig.path, attemptIdOf(1), 'work')}`,
        `HOSTNAME=${hostname()}`,
        'INJECTED=yes',
        `PATH=${process.env.PATH}`,
        'odd.name=a b\nc',
      ].sort(),
    )
  })

  it('runs the command as it is written, never a built-in of the shell', async () => {
    const rig = await aRig()
    expect(await rig.run(1, aSpec('', { command: ['printf', '%s|', 'a b', '$HOME', '*'] }))).toMatchObject({
      exitCode: 0,
    })
    expect(rig.output(1)).toEqual(['a b|$HOME|*|'])
    expect(await rig.run(2, aSpec('', { command: ['exit', '0'] }))).toMatchObject({
      cause: 'start-failed',
      reason: 'CannotStartContainerError: exec: "exit": executable file not found in $PATH',
    })
  })

  it('runs in a fresh directory with nothing on its input', async () => {
    const rig = await aRig()
    await rig.run(1, aSpec('ls -A; pwd; touch left behind; cat'))
    expect(rig.output(1)).toEqual([join(rig.path, attemptIdOf(1), 'work')])
    await rig.run(2, aSpec('ls -A'))
    rig.runtime.forget(attemptIdOf(2))
    await rig.run(3, aSpec('ls -A; umask; stat -c %a .'))
    expect(rig.output(3)).toEqual(['0022', '755'])
  })

  it('says why a command cannot be started', async () => {
    const rig = await aRig()
    const reasonOf = async (n: number, members: SpecMembers) => {
      const end = await rig.run(n, aSpec('', members))
      expect(end).toMatchObject({ cause: 'start-failed' })
      expect(end).not.toHaveProperty('startedAt')
      return end.reason
    }
    const text = join(rig.path, 'text')
    writeFileSync(text, 'no program')
    expect(await reasonOf(1, { command: [] })).toContain('the process runtime runs no images')
    expect(await reasonOf(2, { command: ['no-such-program'] })).toContain(
      'executable file not found in $PATH',
    )
    expect(await reasonOf(3, { command: ['/no/such'] })).toContain('"/no/such": no such file or directory')
    expect(await reasonOf(4, { command: [text] })).toContain('permission denied')
    expect(await reasonOf(5, { command: ['true'], user: 'nginx' })).toContain('knows users by number only')
    expect(
      await reasonOf(6, {
        command: ['true'],
        resources: { cpuMilli: 1, memoryMiB: 8, gpuMilli: 1_000, diskMiB: 0 },
      }),
    ).toBe('CannotCreateContainerError: wants 1 GPUs (0), this host has 0')
  })

  it('shows a signal as 128 and its number', async () => {
    const rig = await aRig()
    expect(await rig.run(1, aSpec('kill -TERM $$'))).toMatchObject({ cause: 'exited', exitCode: 143 })
    expect(await rig.run(2, aSpec('kill -KILL 0'))).toMatchObject({ cause: 'exited', exitCode: 137 })
    expect(await rig.run(3, aSpec('trap "" USR1; kill -USR1 0; exit 3'))).toMatchObject({ exitCode: 3 })
  })

  it('lets no job begin that is stopped before it has', async () => {
    const rig = await aRig()
    const numbers = Array.from({ length: 20 }, (_, n) => n + 1)
    for (const n of numbers) {
      rig.runtime.start(anAttempt(n, aSpec('exec sleep 600')))
      rig.runtime.stop(attemptIdOf(n), 'stopped', 30_000)
    }
    for (const n of numbers) expect(await rig.end(n)).toMatchObject({ cause: 'stopped', exitCode: 143 })
  })

  it('lets a job end by itself when it is stopped', async () => {
    const rig = await aRig()
    const script = 'trap "echo bye; exit 9" TERM; echo ready; while :; do sleep 0.05; done'
    rig.runtime.start(anAttempt(1, aSpec(script)))
    await rig.until(() => rig.output(1).includes('ready'))
    rig.runtime.stop(attemptIdOf(1), 'stopped', 30_000)
    expect(await rig.end(1)).toMatchObject({ cause: 'stopped', exitCode: 9 })
    expect(rig.output(1)).toContain('bye')
  })

  it('kills the whole group when the grace is over', async () => {
    const rig = await aRig()
    rig.runtime.start(anAttempt(1, aSpec('trap "" TERM; sleep 8888.1 & echo ready; wait; sleep 8888.2')))
    await rig.until(() => rig.output(1).includes('ready'))
    rig.runtime.stop(attemptIdOf(1), 'timed-out', 50)
    rig.runtime.stop(attemptIdOf(1), 'stopped', 10_000)
    expect(await rig.end(1)).toMatchObject({ cause: 'timed-out', exitCode: 137 })
    await expect.poll(() => isRunning('sleep 8888.1') || isRunning('sleep 8888.2')).toBe(false)
  })

  it('lets nothing outlive the main process', async () => {
    const rig = await aRig()
    expect(await rig.run(1, aSpec('sleep 8888.3 & exit 4'))).toMatchObject({ exitCode: 4 })
    await expect.poll(() => isRunning('sleep 8888.3')).toBe(false)
  })

  it.runIf(limitsMemory)('lets nothing outlive the main process that has left its group', async () => {
    const rig = await aRig()
    expect(await rig.run(1, aSpec('setsid sleep 8888.5 & sleep 0.1; exit 4'))).toMatchObject({ exitCode: 4 })
    await expect.poll(() => isRunning('sleep 8888.5')).toBe(false)
  })

  it('gives an attempt the GPUs it is told, also where others have a part of them', async () => {
    const rig = await aRig(temporaryDirectory(), ['GPU-a', 'GPU-b', 'GPU-c'])
    const script = 'echo $NVIDIA_VISIBLE_DEVICES $CUDA_VISIBLE_DEVICES'
    const start = (n: number, gpuMilli: number, cards: number[]) => {
      const resources = { cpuMilli: 1, memoryMiB: 64, gpuMilli, diskMiB: 0 }
      rig.runtime.start({ ...anAttempt(n, aSpec(script, { resources })), cards })
      return rig.end(n)
    }
    await Promise.all([start(1, 500, [1]), start(2, 500, [1]), start(3, 2_000, [0, 2])])
    const seen = ['GPU-b GPU-b', 'GPU-b GPU-b', 'GPU-a,GPU-c GPU-a,GPU-c']
    expect([1, 2, 3].map((n) => rig.output(n)[0])).toEqual(seen)
  })

  it('sets limits', async () => {
    const rig = await aRig()
    const ulimits = [{ name: 'nofile', softLimit: 77, hardLimit: 88 }]
    await rig.run(1, aSpec('ulimit -Sn; ulimit -Hn', { ulimits }))
    expect(rig.output(1)).toEqual(['77', '88'])
  })

  it.runIf(isRoot)('runs as the user it is told, in a directory of that user', async () => {
    const rig = await aRig()
    const user = '12345:23456'
    expect(await rig.run(1, aSpec('id -u; id -g; id -G; touch mine', { user }))).toMatchObject({
      exitCode: 0,
    })
    expect(rig.output(1)).toEqual(['12345', '23456', '23456'])
  })

  it.runIf(limitsMemory)('kills what takes more memory than it has, and says so', async () => {
    const rig = await aRig()
    const resources = { cpuMilli: 1000, memoryMiB: 32, gpuMilli: 0, diskMiB: 0 }
    const hog = 'const kept = []; for (;;) kept.push(Buffer.alloc(1048576, 1))'
    const end = await rig.run(1, aSpec('', { command: [process.execPath, '-e', hog], resources }))
    expect(end).toMatchObject({
      exitCode: 137,
      reason: 'OutOfMemoryError: Container killed due to memory usage',
    })
  })

  it('erases an attempt when its end is settled and its output delivered', async () => {
    const rig = await aRig()
    await rig.run(1, aSpec('echo hello; mkdir -p a/b; echo x > a/b/c'))
    expect(existsSync(join(rig.path, attemptIdOf(1), 'output'))).toBe(true)
    rig.runtime.forget(attemptIdOf(1))
    await expect.poll(() => existsSync(join(rig.path, attemptIdOf(1)))).toBe(false)
    expect(rig.logged).toEqual([])
  })

  it('stops and erases what is disowned, without a word', async () => {
    const rig = await aRig()
    rig.runtime.start(anAttempt(1, aSpec('echo ready; sleep 8888.4', { stopTimeoutSeconds: 1 })))
    await rig.until(() => rig.output(1).includes('ready'))
    rig.runtime.disown(attemptIdOf(1))
    await expect.poll(() => existsSync(join(rig.path, attemptIdOf(1)))).toBe(false)
    expect(isRunning('sleep 8888.4')).toBe(false)
  })
})
