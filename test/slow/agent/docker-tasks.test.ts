import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { DockerClient } from '../../../src/agent/docker-client.ts'
import { DockerEngine } from '../../../src/agent/docker-engine.ts'
import type { ContainerSpec } from '../../../src/core/model/container-spec.ts'
import type { TaskSpec } from '../../../src/core/model/task-spec.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { aContainer, anAttempt, aTask, attemptIdOf } from '../../support/attempts.ts'
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

/** A host on the test engine; each test is another agent unless it says which. */
async function aRig(context: TestContext, path = temporaryDirectory(), instanceId = context.task.id) {
  if ('unavailable' in docker) return context.skip(docker.unavailable)
  const client = await DockerClient.connect(docker.host)
  const options = { instanceId, network: 'none', injectEnvironment: {} }
  const engine = new DockerEngine({ client, ...options, clock: systemClock, log: () => {} })
  const rig = await HostRig.open(engine, path)
  const names = async () => {
    const containers = await client.listContainers(`longshore.instance=${instanceId}`)
    return containers.map(({ Labels }) => Labels['longshore.attempt']!.slice(32)).toSorted()
  }
  /** Erases the n-th attempt; what it leaves would outlive the engine. */
  const forget = async (n: number) => {
    rig.runtime.forget(attemptIdOf(n))
    await expect.poll(names, { timeout: 30_000 }).toEqual([])
  }
  return Object.assign(rig, { engine, client, forget })
}

const inImage = (name: string, script: string, members: Partial<ContainerSpec> = {}) =>
  aContainer(name, script, { image: busyboxImage, ...members })
const helper = (name: string, script: string, members: Partial<ContainerSpec> = {}) =>
  inImage(name, script, { essential: false, ...members })
const needs = (container: string, condition: 'START' | 'COMPLETE' | 'SUCCESS') => ({
  dependsOn: [{ container, condition }],
})

let numbers = 0

describe('a task of several containers on Docker', () => {
  it('has one network and its volumes for all of them, which outlive any one', async (context) => {
    const rig = await aRig(context)
    const n = ++numbers
    const mountPoints = [{ sourceVolume: 'shared', containerPath: '/shared' }]
    const task: TaskSpec = {
      ...aTask(
        helper('prepare', 'echo from prepare > /shared/input', { mountPoints }),
        helper('server', 'nc -l -p 8080 -e cat /shared/input; sleep 600', {
          mountPoints,
          stopTimeoutSeconds: 1,
          ...needs('prepare', 'SUCCESS'),
        }),
        inImage('main', 'until nc 127.0.0.1 8080 > /out && [ -s /out ]; do sleep 0.1; done; cat /out', {
          ...needs('server', 'START'),
        }),
      ),
      volumes: [{ name: 'shared' }],
    }
    rig.runtime.start(anAttempt(n, task))
    const end = await rig.end(n)
    expect(end).toMatchObject({ cause: 'exited', exitCode: 0 })
    expect(end.containers?.[0]).toEqual({ exitCode: 0 })
    expect(rig.output(n, 'main')).toContain('from prepare')
    await rig.forget(n)
    expect(rig.logged).toEqual([])
  })

  it('ends with an essential container; others have the time they ask for', async (context) => {
    const rig = await aRig(context)
    const n = ++numbers
    const stubborn = 'trap "" TERM; echo up; while :; do sleep 0.1; done'
    const main = inImage('main', 'sleep 0.5; exit 6', needs('stubborn', 'START'))
    rig.runtime.start(anAttempt(n, aTask(main, helper('stubborn', stubborn, { stopTimeoutSeconds: 1 }))))
    expect(await rig.end(n)).toMatchObject({
      cause: 'exited',
      exitCode: 6,
      containers: [{ exitCode: 6 }, { exitCode: 137 }],
    })
    await rig.forget(n)
  })

  it('fails when one of them has no image to start from', async (context) => {
    const rig = await aRig(context)
    const n = ++numbers
    const broken = helper('broken', '', { image: 'localhost:1/longshore/none' })
    rig.runtime.start(anAttempt(n, aTask(inImage('main', 'echo never', needs('broken', 'START')), broken)))
    const end = await rig.end(n)
    expect(end).toMatchObject({
      cause: 'start-failed',
      reason: 'DependencyError: container broken did not start',
    })
    expect(end.containers?.[1]?.reason).toContain('CannotPullContainerError')
    await rig.forget(n)
  })

  it('goes on after a kill of the agent, starting nothing twice', async (context) => {
    const first = await aRig(context)
    const n = ++numbers
    const { path } = first
    const count = (name: string) => `echo ${name} >> /shared/log`
    const mountPoints = [{ sourceVolume: 'shared', containerPath: '/shared' }]
    const task: TaskSpec = {
      ...aTask(
        helper('first', count('first'), { mountPoints }),
        helper('sidecar', `${count('sidecar')}; echo up; exec sleep 600`, {
          mountPoints,
          stopTimeoutSeconds: 1,
        }),
        helper('second', `${count('second')}; sleep 2`, { mountPoints, ...needs('first', 'SUCCESS') }),
        inImage('main', `${count('main')}; cat /shared/log`, { mountPoints, ...needs('second', 'SUCCESS') }),
      ),
      volumes: [{ name: 'shared' }],
    }
    first.runtime.start(anAttempt(n, task))
    await first.until(() => first.output(n, 'sidecar').includes('up'))
    first.engine.close()

    const second = await aRig(context, path)
    expect(second.recovered).toMatchObject([{ state: 'starting' }])
    second.runtime.resume(attemptIdOf(n))
    expect(await second.end(n)).toMatchObject({ cause: 'exited', exitCode: 0 })
    expect(second.output(n, 'main').toSorted()).toEqual(['first', 'main', 'second', 'sidecar'])
    await second.forget(n)
  })
})
