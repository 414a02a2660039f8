import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MemoryCgroups } from '../../src/agent/memory-cgroups.ts'
import { nodeScheduler } from '../../src/agent/node-scheduler.ts'
import { ProcessEngine } from '../../src/agent/process-engine.ts'
import type { ContainerSpec } from '../../src/core/model/container-spec.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { aContainer, anAttempt, aTask, attemptIdOf } from '../support/attempts.ts'
import { HostRig } from '../support/host-rig.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const scratch = temporaryDirectory
const limitsMemory = MemoryCgroups.detect('task-runner-test') !== undefined

async function aRig(path = scratch(), gpus: string[] = []) {
  const scheduler = nodeScheduler(() => {})
  const cgroups = MemoryCgroups.detect('task-runner-test')
  const engine = new ProcessEngine({ injectEnvironment: {}, cgroups, clock: systemClock, scheduler })
  const rig = await HostRig.open(engine, path, gpus)
  const start = (n: number, ...containers: ContainerSpec[]) =>
    rig.runtime.start(anAttempt(n, aTask(...containers)))
  const run = (n: number, ...containers: ContainerSpec[]) => {
    start(n, ...containers)
    return rig.end(n)
  }
  return Object.assign(rig, { start, run, engine })
}

const helper = (name: string, script: string, members: Partial<ContainerSpec> = {}) =>
  aContainer(name, script, { essential: false, ...members })
const needs = (container: string, condition: 'START' | 'COMPLETE' | 'SUCCESS') => ({
  dependsOn: [{ container, condition }],
})
const untilThere = (file: string) => `until [ -e ${file} ]; do sleep 0.02; done`

describe('a task of several containers', () => {
  it('starts each when what it depends on has come far enough', async () => {
    const rig = await aRig()
    const log = join(scratch(), 'log')
    const end = await rig.run(
      1,
      helper('sidecar', `echo sidecar >> ${log}; sleep 600`, needs('migrate', 'COMPLETE')),
      helper('fetch', `sleep 0.1; echo fetch >> ${log}`),
      helper('migrate', `echo migrate >> ${log}; exit 1`, needs('fetch', 'SUCCESS')),
      aContainer(
        'main',
        `until grep -q sidecar ${log}; do sleep 0.02; done; echo main >> ${log}`,
        needs('sidecar', 'START'),
      ),
    )
    expect(end).toMatchObject({ cause: 'exited', exitCode: 0 })
    expect(end.containers).toEqual([{ exitCode: 143 }, { exitCode: 0 }, { exitCode: 1 }, { exitCode: 0 }])
    expect(readFileSync(log, 'utf8').split('\n')).toEqual(['fetch', 'migrate', 'sidecar', 'main', ''])
    expect(rig.startedAt(1)).toBe(end.startedAt)
  })

  it('keeps what each printed apart, and gives each a directory of its own', async () => {
    const rig = await aRig()
    await rig.run(
      1,
      helper('a', 'echo from a; ls -A; touch here; pwd'),
      aContainer('b', 'echo from b; ls -A', needs('a', 'COMPLETE')),
    )
    expect(rig.output(1, 'a').slice(0, 1)).toEqual(['from a'])
    expect(rig.output(1, 'a')).toHaveLength(2)
    expect(rig.output(1, 'b')).toEqual(['from b'])
  })

  it('ends with its first essential container; the others have their time to end, then none', async () => {
    const rig = await aRig()
    const go = join(scratch(), 'go')
    const loop = 'while :; do sleep 0.02; done'
    rig.start(
      1,
      aContainer('main', `${untilThere(go)}; exit 3`),
      helper('polite', `trap "echo bye; exit 0" TERM; echo up; ${loop}`),
      helper('stubborn', `trap "" TERM; echo up; ${loop}`, { stopTimeoutSeconds: 0.1 }),
    )
    await rig.until(() => ['polite', 'stubborn'].every((name) => rig.output(1, name).includes('up')))
    writeFileSync(go, '')
    expect(await rig.end(1)).toMatchObject({
      cause: 'exited',
      exitCode: 3,
      containers: [{ exitCode: 3 }, { exitCode: 0 }, { exitCode: 137 }],
    })
    expect(rig.output(1, 'polite')).toContain('bye')
  })

  it('fails when a container cannot start because of another', async () => {
    const rig = await aRig()
    const main = aContainer('main', 'echo never', needs('check', 'SUCCESS'))
    const end = await rig.run(1, helper('check', 'exit 4'), main)
    expect(end).toMatchObject({
      cause: 'start-failed',
      reason: 'DependencyError: container check exited with code 4',
      containers: [{ exitCode: 4 }, {}],
    })
    expect(end).not.toHaveProperty('startedAt')
    expect(rig.startedAt(1)).toBeUndefined()
    expect(await rig.run(2, helper('check', '', { command: ['no-such-program'] }), main)).toMatchObject({
      cause: 'start-failed',
      reason: 'DependencyError: container check did not start',
    })
    expect(await rig.run(3, helper('check', 'sleep 600', { startTimeoutSeconds: 0.2 }), main)).toMatchObject({
      reason: 'DependencyError: container check was not ready within its startTimeout of 0.2 s',
      containers: [{ exitCode: 143 }, {}],
    })
  })

  it('is stopped as a whole', async () => {
    const rig = await aRig()
    rig.start(
      1,
      aContainer('main', 'echo up; exec sleep 600'),
      helper('sidecar', 'echo up; exec sleep 600'),
      helper('later', 'echo never', needs('sidecar', 'COMPLETE')),
    )
    await rig.until(() => ['main', 'sidecar'].every((name) => rig.output(1, name).includes('up')))
    rig.runtime.stop(attemptIdOf(1), 'stopped', 5_000)
    expect(await rig.end(1)).toMatchObject({
      cause: 'stopped',
      exitCode: 143,
      containers: [{ exitCode: 143 }, { exitCode: 143 }, {}],
    })
  })

  it('shares out its GPUs', async () => {
    const rig = await aRig(scratch(), ['GPU-a', 'GPU-b', 'GPU-c'])
    const gpus = (count: number) => ({
      resources: { cpuMilli: 1, memoryMiB: 64, gpuMilli: count * 1000, diskMiB: 0 },
    })
    const tell = 'echo $NVIDIA_VISIBLE_DEVICES.'
    const ends = ['a', 'b', 'c'].map((container) => ({ container, condition: 'COMPLETE' as const }))
    await rig.run(
      1,
      helper('a', tell, gpus(1)),
      helper('b', tell, gpus(2)),
      helper('c', tell, gpus(0)),
      aContainer('main', 'exit 0', { ...gpus(0), dependsOn: ends }),
    )
    expect(['a', 'b', 'c'].map((name) => rig.output(1, name)[0])).toEqual(['GPU-a.', 'GPU-b,GPU-c.', '.'])
  })

  it.runIf(limitsMemory)('limits the memory of each', async () => {
    const rig = await aRig()
    const hog = 'const kept = []; for (;;) kept.push(Buffer.alloc(1048576, 1))'
    const resources = { cpuMilli: 1, memoryMiB: 32, gpuMilli: 0, diskMiB: 0 }
    const end = await rig.run(
      1,
      helper('hog', '', { command: [process.execPath, '-e', hog], resources }),
      aContainer('main', 'exit 0', needs('hog', 'COMPLETE')),
    )
    expect(end).toMatchObject({
      exitCode: 0,
      containers: [{ exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' }, {}],
    })
  })

  it('is erased with all its containers', async () => {
    const rig = await aRig()
    await rig.run(1, aContainer('a', 'echo hello'), aContainer('b', 'mkdir -p x/y'))
    rig.runtime.forget(attemptIdOf(1))
    await expect.poll(() => existsSync(join(rig.path, attemptIdOf(1)))).toBe(false)
    expect(rig.logged).toEqual([])
  })
})

describe('a task found again by the next life of the agent', () => {
  it('goes on where it was, starting nothing twice, once it is known to be still this host’s', async () => {
    const first = await aRig()
    const [go, log] = ['go', 'log'].map((name) => join(scratch(), name)) as [string, string]
    const containers = [
      helper('first', `echo first >> ${log}`),
      helper('sidecar', `echo sidecar >> ${log}; echo up; exec sleep 600`),
      helper('second', `${untilThere(go)}; echo second >> ${log}`, needs('first', 'COMPLETE')),
      aContainer('main', `echo main >> ${log}; echo done`, needs('second', 'SUCCESS')),
    ]
    first.start(1, ...containers)
    await first.until(() => first.output(1, 'sidecar').length > 0)
    await expect.poll(() => readFileSync(log, 'utf8').split('\n').length).toBe(3)
    first.engine.close()

    const second = await aRig(first.path)
    expect(second.recovered).toMatchObject([{ state: 'starting' }])
    writeFileSync(go, '')
    await expect.poll(() => readFileSync(log, 'utf8').includes('second')).toBe(true)
    const third = await aRig(first.path)
    second.engine.close()
    third.runtime.resume(attemptIdOf(1))
    const end = await third.end(1)
    expect(end).toMatchObject({ cause: 'exited', exitCode: 0 })
    expect(end.containers).toEqual([{ exitCode: 0 }, { exitCode: 143 }, { exitCode: 0 }, { exitCode: 0 }])
    expect(third.output(1, 'main')).toEqual(['done'])
    expect(readFileSync(log, 'utf8').trim().split('\n').toSorted()).toEqual(
      ['first', 'main', 'second', 'sidecar'].toSorted(),
    )
  })

  it('is told as ended when it had ended, and its directory is kept until it is forgotten', async () => {
    const first = await aRig()
    const end = await first.run(1, aContainer('a', 'exit 2'), aContainer('b', 'sleep 600'))
    first.engine.close()
    const second = await aRig(first.path)
    expect(second.recovered).toMatchObject([{ state: 'ended', report: end }])
    second.runtime.forget(attemptIdOf(1))
    await expect.poll(() => existsSync(join(first.path, attemptIdOf(1)))).toBe(false)
  })
})
