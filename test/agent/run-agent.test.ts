import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AgentChild } from '../support/agent-child.ts'
import { aSpec, attemptIdOf, type SpecMembers } from '../support/attempts.ts'
import { ScriptedEnvironment, type ScriptedOptions } from '../support/scripted-environment.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** A real agent process and the environment it talks to. */
async function aHost(options: ScriptedOptions = {}, variables: Record<string, string> = {}) {
  const environment = await ScriptedEnvironment.open(options)
  const directory = temporaryDirectory()
  const agents: AgentChild[] = []
  const boot = (...args: string[]) => {
    const agent = new AgentChild(environment.url, directory, args, variables)
    agents.push(agent)
    return agent
  }
  onTestFinished(async () => {
    // Whatever still runs is stopped with its agent.
    environment.welcome.stop = environment.hellos.at(-1)?.attempts.map(({ attemptId }) => attemptId) ?? []
    for (const agent of agents) await agent.end('SIGKILL')
    for (const pid of shimPids(directory)) process.kill(-pid, 'SIGKILL')
    await environment.close()
  })
  const agent = boot()
  await environment.until('hello', () => environment.hellos.length > 0)
  return { environment, directory, agent, boot }
}

/** The shims of attempts that have not ended. */
function shimPids(directory: string): number[] {
  return readdirSync(join(directory, 'attempts')).flatMap((name) => {
    const journal = join(directory, 'attempts', name, 'journal')
    const text = existsSync(journal) ? readFileSync(journal, 'utf8') : ''
    const pid = Number(/\{"shim":(\d+)\}/.exec(text)?.[1] ?? 0)
    return pid > 0 && !text.includes('{"exit":') && existsSync(`/proc/${pid}`) ? [pid] : []
  })
}

const waitsFor = (file: string, then: string, members: SpecMembers = {}) =>
  aSpec(`echo up; until [ -e ${file} ]; do sleep 0.02; done; ${then}`, members)

describe('runAgent', () => {
  it('runs what it is given and tells all of it', async () => {
    const { environment, agent, directory } = await aHost()
    environment.start(1, aSpec('echo $AWS_BATCH_JOB_ID; exit 3'), { AWS_BATCH_JOB_ID: 'the-job' })
    await environment.until('the end', () => environment.ended(1) !== undefined)
    expect(environment.ended(1)).toMatchObject({ cause: 'exited', exitCode: 3 })
    await environment.until('its output', () => environment.output(1).length > 0)
    expect(environment.output(1)).toEqual(['the-job'])
    await expect.poll(() => existsSync(join(directory, 'attempts', attemptIdOf(1)))).toBe(false)
    expect(await agent.end('SIGTERM')).toBe(0)
    expect(environment.errors).toEqual([])
  })

  it('shows no secret of its own to a job, and none of a job to its readers', async () => {
    const secrets = { AWS_SECRET_ACCESS_KEY: 'agent-secret' }
    const { environment, agent } = await aHost({}, secrets)
    environment.start(
      1,
      aSpec('', { command: ['env'], environment: [{ name: 'PASSWORD', value: 'job-secret' }] }),
    )
    await environment.until('the end', () => environment.output(1).length > 0 && !!environment.ended(1))
    const names = environment.output(1).map((line) => line.split('=')[0])
    const given = ['AWS_EXECUTION_ENV', 'ECS_CONTAINER_METADATA_URI_V4', 'HOME', 'HOSTNAME', 'PATH']
    expect(names.sort()).toEqual([...given, 'PASSWORD'].sort())
    await agent.end('SIGTERM')
    expect(agent.output).not.toMatch(/agent-token|agent-secret|job-secret/)
  })

  it('tells a job where its output goes, also after a kill -9', async () => {
    const { environment, agent, boot } = await aHost()
    const go = join(temporaryDirectory(), 'go')
    const ask = (path: string) =>
      `"${process.execPath}" -e "fetch(process.env.ECS_CONTAINER_METADATA_URI_V4 + '${path}').then((a) => a.text()).then(console.log)"`
    environment.start(1, waitsFor(go, `${ask('')}; ${ask('/task')}`), { AWS_BATCH_CE_NAME: 'local' })
    await environment.until('it runs', () => environment.output(1)[0] === 'up')
    await agent.end('SIGKILL')
    boot()
    await environment.until('the second hello', () => environment.hellos.length === 2)
    writeFileSync(go, '')
    await environment.until('the answers', () => environment.output(1).length === 3)
    const [container, task] = environment
      .output(1)
      .slice(1)
      .map((line) => JSON.parse(line))
    expect(container).toMatchObject({
      Name: 'default',
      KnownStatus: 'RUNNING',
      LogDriver: 'awslogs',
      LogOptions: {
        'awslogs-group': '/aws/batch/job',
        'awslogs-region': 'us-east-1',
        'awslogs-stream': `test/default/${attemptIdOf(1)}`,
      },
    })
    expect(task).toMatchObject({
      TaskARN: `arn:aws:ecs:us-east-1:000000000000:task/local/${attemptIdOf(1)}`,
      Containers: [container],
    })
  })

  it('leaves a job the ECS_CONTAINER_METADATA_URI_V4 of its own', async () => {
    const { environment } = await aHost()
    const own = { name: 'ECS_CONTAINER_METADATA_URI_V4', value: 'its own' }
    environment.start(1, aSpec('echo $ECS_CONTAINER_METADATA_URI_V4', { environment: [own] }))
    await environment.until('its output', () => environment.output(1).length > 0)
    expect(environment.output(1)).toEqual(['its own'])
  })

  it('finds its jobs again after a kill -9, with their right ends', async () => {
    const { environment, agent, boot } = await aHost()
    const go = join(temporaryDirectory(), 'go')
    environment.start(1, waitsFor(go, 'echo late; exit 5'))
    environment.start(2, waitsFor(go, 'kill -9 $$'))
    environment.start(3, waitsFor(go, 'sleep 600', { stopTimeoutSeconds: 1 }))
    environment.start(4, aSpec(`echo up; until [ -e ${go} ]; do sleep 0.02; done; touch ${go}.4`))
    const isUp = (n: number) => environment.output(n)[0] === 'up'
    await environment.until('all run', () => [1, 2, 3, 4].every(isUp))
    await agent.end('SIGKILL')
    writeFileSync(go, '')
    await expect.poll(() => existsSync(`${go}.4`)).toBe(true)

    boot()
    await environment.until('the second hello', () => environment.hellos.length === 2)
    expect(environment.hellos[1]!.instanceId).toBe(environment.hellos[0]!.instanceId)
    expect(environment.hellos[1]!.attempts.map(({ attemptId }) => attemptId)).toEqual(
      [1, 2, 3, 4].map(attemptIdOf),
    )
    await environment.until('three ends', () => [1, 2, 4].every((n) => environment.ended(n) !== undefined))
    expect(environment.ended(1)).toMatchObject({ cause: 'exited', exitCode: 5 })
    expect(environment.ended(1)!.startedAt).toBe(environment.started(1)!.startedAt)
    expect(environment.ended(2)).toMatchObject({ cause: 'exited', exitCode: 137 })
    expect(environment.ended(4)).toMatchObject({ cause: 'exited', exitCode: 0 })
    environment.say({ type: 'stop', attempts: [{ attemptId: attemptIdOf(3), reason: 'enough' }] })
    await environment.until('the last end', () => environment.ended(3) !== undefined)
    expect(environment.ended(3)).toMatchObject({ cause: 'stopped', exitCode: 143 })
    await environment.until('all output', () => environment.output(1).length === 2)
    expect(environment.output(1)).toEqual(['up', 'late'])
    expect(environment.errors).toEqual([])
  })

  it('remembers over a kill -9 why it was stopping a job', async () => {
    const { environment, agent, boot } = await aHost()
    environment.start(
      1,
      aSpec('trap "echo told" TERM; echo up; while :; do sleep 0.02; done', { stopTimeoutSeconds: 1 }),
    )
    await environment.until('it runs', () => environment.output(1)[0] === 'up')
    environment.say({ type: 'stop', attempts: [{ attemptId: attemptIdOf(1), reason: 'enough' }] })
    await environment.until('it is told', () => environment.output(1).includes('told'))
    await agent.end('SIGKILL')
    boot()
    await environment.until('the end', () => environment.ended(1) !== undefined)
    expect(environment.ended(1)).toMatchObject({ cause: 'stopped', exitCode: 137 })
  })

  it('leaves its jobs running when it is stopped, and finds them again', async () => {
    const { environment, agent, boot } = await aHost()
    const go = join(temporaryDirectory(), 'go')
    environment.start(1, waitsFor(go, 'exit 6'))
    await environment.until('it runs', () => environment.output(1)[0] === 'up')
    expect(await agent.end('SIGTERM')).toBe(0)
    expect(agent.output).toContain('jobs keep running')
    boot()
    await environment.until('the second hello', () => environment.hellos.length === 2)
    expect(environment.hellos[1]!.attempts).toMatchObject([{ attemptId: attemptIdOf(1), state: 'running' }])
    writeFileSync(go, '')
    await environment.until('the end', () => environment.ended(1) !== undefined)
    expect(environment.ended(1)).toMatchObject({ cause: 'exited', exitCode: 6 })
  })

  it('ends a job at its time limit though it is cut off, and tells it later', async () => {
    const { environment, directory } = await aHost()
    environment.start(1, aSpec('echo up; exec sleep 600', { timeoutSeconds: 1 }))
    await environment.until('it runs', () => environment.output(1)[0] === 'up')
    environment.turnAway = 503
    environment.cut()
    await expect.poll(() => shimPids(directory), { timeout: 10_000 }).toEqual([])
    const backAt = Date.now()
    environment.turnAway = undefined
    await environment.until('the end', () => environment.ended(1) !== undefined)
    const { cause, exitCode, stoppedAt } = environment.ended(1)!
    expect({ cause, exitCode }).toEqual({ cause: 'timed-out', exitCode: 143 })
    expect(stoppedAt).toBeLessThanOrEqual(backAt)
    expect(environment.hellos.at(-1)!.attempts).toMatchObject([{ state: 'ended' }])
  })

  it('has every job dead before its lease runs out', async () => {
    const leaseMs = 4000
    const { environment } = await aHost({ leaseMs, pong: false })
    const connectedAt = Date.now()
    environment.start(1, aSpec('trap "" TERM; echo up; while :; do sleep 0.02; done'))
    await environment.until('the end', () => environment.ended(1) !== undefined)
    const { cause, exitCode, stoppedAt } = environment.ended(1)!
    expect({ cause, exitCode }).toEqual({ cause: 'host-failed', exitCode: 137 })
    expect(stoppedAt).toBeLessThan(connectedAt + leaseMs)
  })

  it('sends unacknowledged output again over a new connection and over a restart', async () => {
    const { environment, agent, boot } = await aHost({ settleLogs: false })
    const go = join(temporaryDirectory(), 'go')
    environment.start(1, waitsFor(go, 'printf "two\\nthr"; sleep 0.5; echo ee'))
    await environment.until('the first line', () => environment.output(1)[0] === 'up')
    environment.cut()
    await environment.until('another hello', () => environment.hellos.length === 2)
    writeFileSync(go, '')
    await environment.until('all', () => environment.output(1).length >= 4)
    await agent.end('SIGKILL')
    environment.options.settleLogs = true
    const known = environment.logMessages.length
    boot()
    await environment.until('all again', () => environment.logMessages.length > known)
    expect(environment.output(1)).toEqual(['up', 'two', 'thr', 'ee'])
    expect(environment.errors).toEqual([])
  })

  it('stops and erases what another deployment gave it', async () => {
    const { environment, agent, boot, directory } = await aHost()
    environment.start(1, aSpec('echo up; exec sleep 600', { stopTimeoutSeconds: 1 }))
    await environment.until('it runs', () => environment.output(1)[0] === 'up')
    await agent.end('SIGKILL')
    environment.options.deployment = 'elsewhere'
    boot()
    await environment.until('another hello', () => environment.hellos.length === 2)
    await expect
      .poll(() => existsSync(join(directory, 'attempts', attemptIdOf(1))), { timeout: 10_000 })
      .toBe(false)
    expect(environment.ended(1)).toBeUndefined()
  })

  it('offers what it is told to', async () => {
    const { environment, agent, boot } = await aHost()
    await agent.end('SIGTERM')
    boot('--vcpus', '64', '--memory-mib', '131072', '--label', 'rack=7')
    await environment.until('another hello', () => environment.hellos.length === 2)
    expect(environment.hellos[1]!.offer).toMatchObject({
      resources: { cpuMilli: 64_000, memoryMiB: 131_072 },
      labels: { rack: '7' },
      runtime: 'process',
    })
  })

  it('ends with a clear line when it is refused', async () => {
    const { environment, agent, boot } = await aHost()
    await agent.end('SIGTERM')
    environment.turnAway = 401
    const refused = boot()
    expect(await refused.exit()).toBe(1)
    expect(refused.output).toContain(`${environment.url} refused this agent: the server answered 401`)
  })
})
