import { afterAll, beforeAll, describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { DockerClient } from '../../../src/agent/docker-client.ts'
import { AgentChild } from '../../support/agent-child.ts'
import { aContainer, aSpec, aTask, attemptIdOf } from '../../support/attempts.ts'
import { busyboxImage, makeBridge, startDockerEngine, type TestEngine } from '../../support/docker-engine.ts'
import { ScriptedEnvironment } from '../../support/scripted-environment.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

let docker: TestEngine | { unavailable: string }

beforeAll(async () => {
  docker = await startDockerEngine()
})
afterAll(async () => {
  if ('close' in docker) await docker.close()
})

/** A real agent whose containers are on a network of the test engine. */
async function aHost(context: TestContext, network: string) {
  if ('unavailable' in docker) return context.skip(docker.unavailable)
  const environment = await ScriptedEnvironment.open()
  const client = await DockerClient.connect(docker.host)
  const words = ['--runtime', 'docker', '--docker-network', network]
  const agent = new AgentChild(environment.url, temporaryDirectory(), words, { DOCKER_HOST: docker.host })
  onTestFinished(async () => {
    const left = () => client.listContainers('longshore.attempt')
    await expect.poll(left, { timeout: 30_000 }).toEqual([])
    await agent.end('SIGTERM')
    client.close()
    await environment.close()
  })
  await environment.until('hello', () => environment.hellos.length > 0)
  return { environment, agent, client }
}

const ask = (path: string) => `busybox wget -qO- $ECS_CONTAINER_METADATA_URI_V4${path}; echo`

describe('a container on Docker', () => {
  it('is told of itself and of its task on the network of the host', async (context) => {
    const { environment } = await aHost(context, 'host')
    environment.start(1, aSpec(`${ask('')}; ${ask('/task')}`, { image: busyboxImage }))
    await environment.until('the answers', () => environment.output(1).length === 2)
    const [container, task] = environment.output(1).map((line) => JSON.parse(line))
    expect(container).toMatchObject({
      DockerId: expect.stringMatching(/^[0-9a-f]{64}$/),
      Name: 'default',
      Image: busyboxImage,
      LogOptions: { 'awslogs-stream': `test/default/${attemptIdOf(1)}` },
    })
    expect(task).toMatchObject({ Containers: [{ DockerId: container.DockerId }] })
  })

  it('is told of itself at the gateway of a bridge, also where containers share a network', async (context) => {
    if ('unavailable' in docker) return context.skip(docker.unavailable)
    const network = await aBridge(context, docker.host)
    const { environment } = await aHost(context, network)
    const members = { image: busyboxImage }
    const helper = aContainer('helper', ask(''), { ...members, essential: false })
    const needs = { dependsOn: [{ container: 'helper', condition: 'COMPLETE' as const }] }
    environment.start(1, aTask(helper, aContainer('main', ask(''), { ...members, ...needs })))
    await environment.until('the end', () => environment.ended(1) !== undefined)
    for (const name of ['helper', 'main']) {
      await environment.until('the answers', () => environment.output(1, name).length === 1)
      expect(JSON.parse(environment.output(1, name)[0]!)).toMatchObject({ Name: name })
    }
  })

  it('has no address for it where nothing leads to the host', async (context) => {
    const { environment, agent } = await aHost(context, 'none')
    await agent.says(
      'jobs have no ECS_CONTAINER_METADATA_URI_V4: containers have no known way to this machine',
    )
    environment.start(1, aSpec('echo uri:$ECS_CONTAINER_METADATA_URI_V4', { image: busyboxImage }))
    await environment.until('its output', () => environment.output(1).length === 1)
    expect(environment.output(1)).toEqual(['uri:'])
  })
})

/** A bridge of its own, as the test engine has none; skips where the kernel or its rights do not allow one. */
async function aBridge(context: TestContext, host: string): Promise<string> {
  const name = 'longshore-metadata'
  try {
    onTestFinished(await makeBridge(host, name))
  } catch (error) {
    return context.skip(`no bridge can be had here: ${(error as Error).message}`)
  }
  return name
}
