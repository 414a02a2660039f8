import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { DockerClient } from '../../../src/agent/docker-client.ts'
import { DockerEngine } from '../../../src/agent/docker-engine.ts'
import type { TaskSpec } from '../../../src/core/model/task-spec.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { anAttempt, aSpec, attemptIdOf, type SpecMembers } from '../../support/attempts.ts'
import { busyboxImage, startDockerEngine, type TestEngine } from '../../support/docker-engine.ts'
import { HostRig } from '../../support/host-rig.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

let docker: TestEngine | { unavailable: string }

beforeAll(async () => {
  docker = await startDockerEngine()
})
afterAll(async () => {
  if ('close' in docker) await docker.close()
})

function engineFor(context: TestContext): TestEngine {
  if ('unavailable' in docker) return context.skip(docker.unavailable)
  return docker
}

/** A host on the test engine; each test is another agent unless it says which. */
async function aRig(context: TestContext, path = temporaryDirectory(), instanceId = context.task.id) {
  const client = await DockerClient.connect(engineFor(context).host)
  const options = { instanceId, network: 'none', injectEnvironment: { INJECTED: 'yes' } }
  const engine = new DockerEngine({ client, ...options, clock: systemClock, log: () => {} })
  const rig = await HostRig.open(engine, path)
  const run = async (n: number, spec: TaskSpec) => {
    rig.runtime.start(anAttempt(n, spec))
    return rig.end(n)
  }
  return Object.assign(rig, { run, engine, client, instanceId })
}

const inImage = (script: string, members: SpecMembers = {}) =>
  aSpec(script, { image: busyboxImage, ...members })

let numbers = 0

describe('DockerEngine', () => {
  it('tells start, end, exit status and what was printed', async (context) => {
    const rig = await aRig(context)
    const n = ++numbers
    const end = await rig.run(n, inImage('echo out; echo err >&2; printf tail; exit 7'))
    expect(end).toMatchObject({ cause: 'exited', exitCode: 7, startedAt: rig.startedAt(n) })
    expect(rig.output(n).toSorted()).toEqual(['err', 'out', 'tail'])
  })

  it('gives a job its environment, its rights and its limits', async (context) => {
    const rig = await aRig(context)
    const n = ++numbers
    const source = temporaryDirectory()
    chmodSync(source, 0o755)
    writeFileSync(join(source, 'input'), 'from the host')
    const script =
      'echo $A $INJECTED $AWS_EXECUTION_ENV; id -u; ulimit -n; cat /data/input; echo; touch /x; ls -d /s; df -m /t'
    await rig.run(
      n,
      inImage(script, {
        environment: [{ name: 'A', value: '1' }],
        user: '1234',
        readonlyRootFilesystem: true,
        ulimits: [{ name: 'nofile', softLimit: 77, hardLimit: 88 }],
        volumes: [{ name: 'data', host: { sourcePath: source } }, { name: 'scratch' }],
        mountPoints: [
          { sourceVolume: 'data', containerPath: '/data', readOnly: true },
          { sourceVolume: 'scratch', containerPath: '/s' },
        ],
        linuxParameters: { tmpfs: [{ containerPath: '/t', size: 16 }], initProcessEnabled: false },
      }),
    )
    const output = rig.output(n).join('\n')
    expect(output).toContain('1 yes AWS_ECS_EC2')
    expect(output).toContain('1234\n')
    expect(output).toContain('77\n')
    expect(output).toContain('from the host')
    expect(output).toContain('\n/s\n')
    expect(output).toMatch(/\/x: Read-only file system/)
    expect(output).toMatch(/tmpfs +16 /)
  })

  it('knows what images there are, and those that have come since', async (context) => {
    const rig = await aRig(context)
    await rig.engine.images.refresh()
    expect(rig.engine.images.current()).toContain(busyboxImage)
    await rig.client.importImage('longshore-test/empty:1', Buffer.alloc(1024))
    await rig.engine.images.refresh()
    expect(rig.engine.images.current()).toEqual(
      expect.arrayContaining([busyboxImage, 'longshore-test/empty:1']),
    )
  })

  it('says why a container cannot be started', async (context) => {
    const rig = await aRig(context)
    const missing = await rig.run(++numbers, aSpec('true', { image: 'localhost:1/no/such:image' }))
    expect(missing).toMatchObject({ cause: 'start-failed' })
    expect(missing.reason).toMatch(/^CannotPullContainerError: /)
    const volume = await rig.run(
      ++numbers,
      inImage('', { mountPoints: [{ sourceVolume: 'x', containerPath: '/x' }] }),
    )
    expect(volume.reason).toBe('CannotCreateContainerError: mount point /x: there is no volume x')
    const command = await rig.run(++numbers, inImage('', { command: ['no-such-program'] }))
    expect(command).toMatchObject({ cause: 'start-failed' })
    expect(command.reason).toMatch(/^CannotStartContainerError: .*no-such-program/)
  })

  it('kills what takes more memory than it has, and says so', async (context) => {
    const rig = await aRig(context)
    const resources = { cpuMilli: 1000, memoryMiB: 16, gpuMilli: 0, diskMiB: 0 }
    const linuxParameters = { tmpfs: [{ containerPath: '/t', size: 64 }], maxSwap: 0 }
    const hog = {
      command: ['dd', 'if=/dev/zero', 'of=/t/x', 'bs=1048576', 'count=60'],
      resources,
      linuxParameters,
    }
    const end = await rig.run(++numbers, inImage('', hog))
    expect(end).toMatchObject({
      cause: 'exited',
      exitCode: 137,
      reason: 'OutOfMemoryError: Container killed due to memory usage',
    })
  })

  it('stops with grace, then kills', async (context) => {
    const rig = await aRig(context)
    const [polite, stubborn] = [++numbers, ++numbers]
    rig.runtime.start(anAttempt(polite, inImage('trap "exit 9" TERM; echo up; while :; do sleep 0.1; done')))
    rig.runtime.start(anAttempt(stubborn, inImage('trap "" TERM; echo up; while :; do sleep 0.1; done')))
    await rig.until(() => [polite, stubborn].every((n) => rig.output(n).includes('up')))
    rig.runtime.stop(attemptIdOf(polite), 'stopped', 60_000)
    rig.runtime.stop(attemptIdOf(stubborn), 'timed-out', 200)
    expect(await rig.end(polite)).toMatchObject({ cause: 'stopped', exitCode: 9 })
    expect(await rig.end(stubborn)).toMatchObject({ cause: 'timed-out', exitCode: 137 })
  })

  it('stops what has not come to run', async (context) => {
    const rig = await aRig(context)
    const n = ++numbers
    rig.runtime.start(anAttempt(n, inImage('echo up; sleep 600')))
    rig.runtime.stop(attemptIdOf(n), 'stopped', 0)
    expect(await rig.end(n)).toMatchObject({ cause: 'stopped' })
    rig.runtime.forget(attemptIdOf(n))
    await expect.poll(() => existsSync(join(rig.path, attemptIdOf(n))), { timeout: 20_000 }).toBe(false)
    expect(await rig.client.listContainers(`longshore.attempt=${attemptIdOf(n)}`)).toEqual([])
  })

  it('finds its containers again, their output without a gap or repeat', async (context) => {
    const rig = await aRig(context)
    const [short, long] = [++numbers, ++numbers]
    const volume = temporaryDirectory()
    const mounted = {
      volumes: [{ name: 'v', host: { sourcePath: volume } }],
      mountPoints: [{ sourceVolume: 'v', containerPath: '/v' }],
    }
    const script = 'for i in 1 2 3; do echo $i; until [ -e /v/$i ]; do sleep 0.05; done; done; exit 4'
    rig.runtime.start(anAttempt(short, inImage(script, mounted)))
    rig.runtime.start(anAttempt(long, inImage('echo up; sleep 600')))
    await rig.until(() => rig.output(short).length === 1 && rig.output(long).length === 1)
    rig.engine.close()
    for (const name of ['1', '2', '3']) writeFileSync(join(volume, name), '')

    const again = await aRig(context, rig.path, rig.instanceId)
    expect(again.recovered.map(({ attempt, state }) => [attempt.attemptId, state])).toEqual([
      [attemptIdOf(short), 'running'],
      [attemptIdOf(long), 'running'],
    ])
    expect(await again.end(short)).toMatchObject({ cause: 'exited', exitCode: 4 })
    expect([...new Set([...rig.output(short), ...again.output(short)])]).toEqual(['1', '2', '3'])
    const spool = readFileSync(join(rig.path, attemptIdOf(short), 'output'), 'utf8')
    expect(spool.match(/^\d{13} [123]$/gm)).toHaveLength(3)
    again.runtime.stop(attemptIdOf(long), 'stopped', 0)
    expect(await again.end(long)).toMatchObject({ cause: 'stopped', exitCode: 137 })
  })

  it('starts what was accepted and never created, and what was created and never started', async (context) => {
    const path = temporaryDirectory()
    const instanceId = context.task.id
    const attempts = [++numbers, ++numbers].map((n) => anAttempt(n, inImage('exit 3')))
    for (const attempt of attempts) {
      mkdirSync(join(path, attempt.attemptId, 'work'), { recursive: true })
      writeFileSync(
        join(path, attempt.attemptId, 'journal'),
        `\n${JSON.stringify({ record: { attempt, gpus: [] } })}`,
      )
    }
    const client = await DockerClient.connect(engineFor(context).host)
    const created = attempts[1]!.attemptId
    const labels = { 'longshore.attempt': created, 'longshore.instance': instanceId }
    const body = {
      Image: busyboxImage,
      Cmd: ['sh', '-c', 'exit 3'],
      Labels: labels,
      HostConfig: { NetworkMode: 'none' },
    }
    await client.createContainer(`longshore-${created}`, body)
    const rig = await aRig(context, path, instanceId)
    expect(rig.recovered.map(({ state }) => state)).toEqual(['accepted', 'accepted'])
    for (const { attempt } of rig.recovered) rig.runtime.start(attempt)
    for (const { attemptId } of attempts) {
      expect(await rig.end(Number.parseInt(attemptId, 16))).toMatchObject({ cause: 'exited', exitCode: 3 })
    }
    client.close()
  })

  it('keeps following through a restart of the engine', async (context) => {
    const rig = await aRig(context)
    const n = ++numbers
    rig.runtime.start(anAttempt(n, inImage('echo before; sleep 6; echo after; exit 5')))
    await rig.until(() => rig.output(n).includes('before'))
    await engineFor(context).restart()
    expect(await rig.end(n)).toMatchObject({ cause: 'exited', exitCode: 5 })
    expect(rig.output(n)).toEqual(['before', 'after'])
  })

  it('keeps a long line in one piece and ships many lines', async (context) => {
    const rig = await aRig(context)
    const n = ++numbers
    const script = 'head -c 100000 /dev/zero | tr "\\0" x; echo; yes line | head -n 50000'
    expect(await rig.run(n, inImage(script))).toMatchObject({ exitCode: 0 })
    expect(rig.output(n)[0]).toBe('x'.repeat(100_000))
    expect(rig.output(n)).toHaveLength(50_001)
  })

  it('removes container, volume and directory of what is settled', async (context) => {
    const rig = await aRig(context)
    const n = ++numbers
    const volumes = [{ name: 'scratch' }]
    const mountPoints = [{ sourceVolume: 'scratch', containerPath: '/s' }]
    await rig.run(n, inImage('touch /s/x', { volumes, mountPoints }))
    rig.runtime.forget(attemptIdOf(n))
    await expect.poll(() => existsSync(join(rig.path, attemptIdOf(n))), { timeout: 20_000 }).toBe(false)
    expect(await rig.client.listContainers(`longshore.attempt=${attemptIdOf(n)}`)).toEqual([])
  })
})
