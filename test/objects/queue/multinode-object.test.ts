import { evictDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import { aDefinitionBody, aMultiNodeBody } from '../../support/builders.ts'
import { type AgentOptions, ScriptedAgent } from '../../support/object-agent.ts'
import { TestDeployment, type TestQueue, targetOf } from '../../support/object-deployment.ts'
import { resetObjects } from '../../support/object-reset.ts'

beforeAll(resetObjects)

const address = 'AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS'

/** Three nodes and hosts with so many vCPUs, whose agents do as the test says. */
class Nodes {
  readonly deployment: TestDeployment
  readonly queue: TestQueue
  readonly agents: ScriptedAgent[] = []

  static async on(vcpus: number[], body = aMultiNodeBody(3)): Promise<Nodes> {
    const deployment = await TestDeployment.create()
    await deployment.registerAnew(body)
    const nodes = new Nodes(deployment, await deployment.queue())
    for (const count of vcpus) await nodes.addHost(count)
    return nodes
  }

  private constructor(deployment: TestDeployment, queue: TestQueue) {
    this.deployment = deployment
    this.queue = queue
  }

  async addHost(vcpus: number, options: AgentOptions = {}): Promise<ScriptedAgent> {
    const offer = { privateIpv4Address: `10.0.0.${this.agents.length + 1}` }
    const agent = await ScriptedAgent.connect(this.deployment.environment(), { vcpus, offer, ...options })
    this.agents.push(agent)
    return agent
  }

  /** What the agents were told to start, by attempt and node. */
  get starts() {
    return this.agents
      .flatMap((agent) => agent.starts.map((start) => ({ ...start, agent, node: nodeOf(start.environment) })))
      .sort((a, b) => attemptOf(a.environment) - attemptOf(b.environment) || a.node - b.node)
  }

  get stopped(): string[] {
    return this.agents.flatMap((agent) => agent.stops.map(({ attemptId }) => attemptId))
  }

  /** What was to be started, once it is so many attempts. */
  async given(count: number) {
    await this.until(`${count} attempts are given`, () => this.starts.length >= count)
    expect(this.starts.length).toBe(count)
    return this.starts
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    await Promise.race(this.agents.map((agent) => agent.until(what, condition)))
  }

  submit(...request: Parameters<TestDeployment['submit']> extends [unknown, ...infer Rest] ? Rest : never) {
    return this.deployment.submit(this.queue, ...request)
  }

  /** A job all of whose nodes run. */
  async running(request = {}) {
    const jobId = await this.submit(request)
    const [main] = await this.given(1)
    main!.agent.started(main!.attemptId)
    const starts = await this.given(3)
    for (const { agent, attemptId } of starts.slice(1)) agent.started(attemptId)
    for (const node of [1, 2]) await this.deployment.inState(`${jobId}#${node}`, 'RUNNING')
    return { jobId, starts }
  }

  /** Resolves once nothing is placed. Nodes that are told to stop do: how many of them had started by then is chance. */
  async idle(): Promise<void> {
    const answered = new Set<string>()
    for (let look = 0; look < 2_000; look++) {
      for (const agent of this.agents)
        for (const { attemptId } of agent.stops)
          if (!answered.has(attemptId)) {
            answered.add(attemptId)
            agent.ended(attemptId, { cause: 'stopped' })
          }
      const hosts = await this.deployment.environment().describeHosts()
      if (hosts.every(({ attempts }) => attempts.length === 0)) return
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    throw new Error('attempts are still placed')
  }
}

const nodeOf = (environment: Record<string, string>) => Number(environment.AWS_BATCH_JOB_NODE_INDEX)
const attemptOf = (environment: Record<string, string>) => Number(environment.AWS_BATCH_JOB_ATTEMPT)

describe('a multi-node parallel job', () => {
  it('starts its main node, then the others on other hosts, and ends with the main node', async () => {
    const nodes = await Nodes.on([2, 2, 2])
    const { deployment, queue } = nodes
    const jobId = await nodes.submit()
    const [main] = await nodes.given(1)
    expect(main!.environment).toEqual({
      AWS_BATCH_JOB_ID: `${jobId}#0`,
      AWS_BATCH_JOB_ATTEMPT: '1',
      AWS_BATCH_JQ_NAME: queue.name,
      AWS_BATCH_CE_NAME: deployment.environmentName,
      AWS_BATCH_JOB_NODE_INDEX: '0',
      AWS_BATCH_JOB_NUM_NODES: '3',
      AWS_BATCH_JOB_MAIN_NODE_INDEX: '0',
    })
    expect(await deployment.inState(jobId, 'STARTING')).toMatchObject({ jobId, attempts: [] })
    expect((await deployment.describe(`${jobId}#2`)).state).toBe('STARTING')
    main!.agent.started(main!.attemptId)
    const starts = await nodes.given(3)
    expect(starts.map(({ node }) => node)).toEqual([0, 1, 2])
    expect(new Set(starts.map(({ agent }) => agent)).size).toBe(3)
    const mainAddress = `10.0.0.${nodes.agents.indexOf(main!.agent) + 1}`
    expect(starts.map(({ environment }) => environment[address])).toEqual([
      undefined,
      mainAddress,
      mainAddress,
    ])
    starts[1]!.agent.started(starts[1]!.attemptId)
    expect(await deployment.inState(`${jobId}#1`, 'RUNNING')).toMatchObject({
      nodes: { index: 1, count: 3, isMain: false },
      latestAttempt: { privateIpv4Address: `10.0.0.${nodes.agents.indexOf(starts[1]!.agent) + 1}` },
    })

    main!.agent.ended(main!.attemptId, { exitCode: 0, stoppedAt: 300 })
    expect(await deployment.ended(jobId)).toMatchObject({ state: 'SUCCEEDED', stoppedAt: 300 })
    await nodes.until('the others are stopped', () => nodes.stopped.length === 2)
    expect(nodes.stopped.toSorted()).toEqual(
      starts
        .slice(1)
        .map(({ attemptId }) => attemptId)
        .toSorted(),
    )
    for (const { agent, attemptId } of starts.slice(1))
      agent.ended(attemptId, { cause: 'stopped', exitCode: 143 })
    expect(await deployment.ended(`${jobId}#1`)).toMatchObject({
      state: 'FAILED',
      statusReason: 'The main node of the job has ended',
      attempts: [{ exitCode: 143 }],
    })
    await nodes.idle()
    expect(await deployment.describe(jobId)).toMatchObject({
      state: 'SUCCEEDED',
      attempts: [{ exitCode: 0 }],
    })
  })

  it('waits until there is room for all of its nodes, and says why when there never is', async () => {
    const nodes = await Nodes.on([2])
    const { deployment } = nodes
    const jobId = await nodes.submit()
    await deployment.until(jobId, ({ statusReason }) => statusReason !== undefined)
    expect(await deployment.describe(jobId)).toMatchObject({
      state: 'RUNNABLE',
      statusReason:
        'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The connected hosts together cannot hold the 3 nodes of this job at once',
    })
    await deployment.register({})
    const single = await nodes.submit()
    const first = (await nodes.given(1))[0]!
    expect(first.environment.AWS_BATCH_JOB_ID).toBe(single)
    await nodes.addHost(1)
    // Now all could be held, but one host has no room.
    expect(
      await deployment.until(jobId, ({ statusReason = '' }) => /^CAPACITY:BUSY/.test(statusReason)),
    ).toMatchObject({
      state: 'RUNNABLE',
    })
    expect(nodes.starts.length).toBe(1)
    first.agent.ended(first.attemptId)
    await nodes.until('the main node is given', () => nodes.starts.length === 2)
    const main = nodes.starts.find(({ node }) => node === 0)!
    main.agent.started(main.attemptId)
    main.agent.ended(main.attemptId)
    await deployment.ended(jobId)
    await nodes.idle()
  })

  it('has each node on a host of the architecture that its range is for', async () => {
    const { containerProperties: container } = aDefinitionBody()
    const arm = { ...container, runtimePlatform: { cpuArchitecture: 'ARM64' } }
    const nodeRangeProperties = [
      { targetNodes: '0:1', container: container! },
      { targetNodes: '2:', container: arm },
    ]
    const nodes = await Nodes.on([2, 2], aMultiNodeBody(3, { nodeRangeProperties }))
    const jobId = await nodes.submit()
    const reason = /architecture ARM64 wanted, X86_64 available$/
    await nodes.deployment.until(jobId, ({ statusReason = '' }) => reason.test(statusReason))
    const address = { privateIpv4Address: '10.0.0.3' }
    const other = await nodes.addHost(2, { offer: { ...address, architecture: 'ARM64' } })
    const [main] = await nodes.given(1)
    main!.agent.started(main!.attemptId)
    const starts = await nodes.given(3)
    expect(starts.filter(({ agent }) => agent === other).map(({ node }) => node)).toEqual([2])
    main!.agent.ended(main!.attemptId)
    await nodes.deployment.ended(jobId)
    await nodes.idle()
  })

  it('is not started anew before all nodes of its former attempt have ended', async () => {
    const nodes = await Nodes.on([3], { ...aMultiNodeBody(3), retryStrategy: { attempts: 2 } })
    const { deployment } = nodes
    const { jobId, starts } = await nodes.running()
    const [main, first, second] = starts
    const agent = main!.agent
    agent.ended(first!.attemptId, { exitCode: 5 })
    expect(await deployment.ended(`${jobId}#1`)).toMatchObject({ attempts: [{ exitCode: 5 }] })
    agent.ended(main!.attemptId, { exitCode: 1 })
    expect(await deployment.inState(jobId, 'RUNNABLE')).toMatchObject({ attempts: [{ exitCode: 1 }] })
    await nodes.until('the last node is stopped', () => nodes.stopped.length > 0)
    expect(nodes.stopped).toEqual([second!.attemptId])
    expect(nodes.starts.length).toBe(3)
    agent.ended(second!.attemptId, { cause: 'stopped' })
    const again = (await nodes.given(4))[3]!
    expect(again.environment).toMatchObject({ AWS_BATCH_JOB_ATTEMPT: '2', AWS_BATCH_JOB_NODE_INDEX: '0' })
    agent.started(again.attemptId)
    expect((await nodes.given(6)).slice(3).map(({ node }) => node)).toEqual([0, 1, 2])
    agent.ended(again.attemptId)
    expect(await deployment.ended(jobId)).toMatchObject({ attempts: [{ exitCode: 1 }, { exitCode: 0 }] })
    for (const { attemptId } of nodes.starts.slice(4)) agent.ended(attemptId, { exitCode: 0 })
    expect(await deployment.ended(`${jobId}#2`)).toMatchObject({ state: 'SUCCEEDED', attempts: [{}, {}] })
    await nodes.idle()
  })

  it('takes no notice of a node that fails', async () => {
    const nodes = await Nodes.on([3])
    const { jobId, starts } = await nodes.running()
    const [main, first, second] = starts
    main!.agent.ended(first!.attemptId, { cause: 'start-failed', reason: 'CannotPullContainerError' })
    await nodes.deployment.ended(`${jobId}#1`)
    expect((await nodes.deployment.describe(jobId)).state).toBe('RUNNING')
    main!.agent.ended(main!.attemptId)
    expect(await nodes.deployment.ended(jobId)).toMatchObject({ state: 'SUCCEEDED' })
    main!.agent.ended(second!.attemptId)
    await nodes.idle()
  })

  it('has every node stopped when it is terminated', async () => {
    const nodes = await Nodes.on([3])
    const { jobId, starts } = await nodes.running()
    await nodes.queue.stub().cancelJob(targetOf(jobId), 'no effect')
    await nodes.queue.stub().terminateJob(targetOf(`${jobId}#1`), 'no effect')
    await nodes.queue.stub().terminateJob(targetOf(jobId), 'enough')
    await nodes.until('all are stopped', () => nodes.stopped.length === 3)
    for (const { agent, attemptId } of starts) agent.ended(attemptId, { cause: 'stopped', exitCode: 143 })
    expect(await nodes.deployment.ended(jobId)).toMatchObject({
      state: 'FAILED',
      statusReason: 'enough',
      isTerminated: true,
    })
    expect(await nodes.deployment.ended(`${jobId}#1`)).toMatchObject({ statusReason: 'enough' })
    await nodes.idle()
  })

  it('gives back the room of nodes that never ran when its main node cannot start', async () => {
    const nodes = await Nodes.on([1, 1, 1])
    const jobId = await nodes.submit()
    const [main] = await nodes.given(1)
    main!.agent.ended(main!.attemptId, { cause: 'start-failed' })
    expect(await nodes.deployment.ended(jobId)).toMatchObject({ statusReason: 'Task failed to start' })
    expect(await nodes.deployment.ended(`${jobId}#2`)).toMatchObject({ state: 'FAILED' })
    await nodes.idle()
    expect(nodes.starts.length).toBe(1)
  })

  it('goes back as a whole when the host of its main node has never heard of it', async () => {
    const nodes = await Nodes.on([2, 1])
    const jobId = await nodes.submit()
    const [main] = await nodes.given(1)
    main!.agent.hello([])
    await nodes.until('it is given again', () => nodes.starts.length > 1)
    expect(nodes.starts.map(({ environment }) => attemptOf(environment))).toEqual([1, 1])
    const again = nodes.starts[1]!
    again.agent.started(again.attemptId)
    await nodes.until('the others are given', () => nodes.starts.length === 4)
    again.agent.ended(again.attemptId)
    expect(await nodes.deployment.ended(jobId)).toMatchObject({ state: 'SUCCEEDED', attempts: [{}] })
    for (const { agent, attemptId, node } of nodes.starts) if (node > 0) agent.ended(attemptId)
    await nodes.idle()
  })

  it('has a node started again that its host has not heard of', async () => {
    const nodes = await Nodes.on([1, 1, 1])
    const jobId = await nodes.submit()
    const [main] = await nodes.given(1)
    main!.agent.started(main!.attemptId)
    const [, first, second] = await nodes.given(3)
    second!.agent.started(second!.attemptId)
    first!.agent.hello([])
    await nodes.until('it is given again', () => nodes.starts.length === 4)
    expect(nodes.starts.filter(({ node }) => node === 1).map(({ attemptId }) => attemptId)).toEqual([
      first!.attemptId,
      first!.attemptId,
    ])
    first!.agent.started(first!.attemptId)
    await nodes.deployment.inState(`${jobId}#1`, 'RUNNING')
    for (const { agent, attemptId } of [main!, first!, second!]) agent.ended(attemptId)
    expect(await nodes.deployment.ended(`${jobId}#1`)).toMatchObject({ state: 'SUCCEEDED' })
    expect((await nodes.deployment.ended(jobId)).state).toBe('SUCCEEDED')
    await nodes.idle()
  })

  it.each(['queue', 'environment'])('goes on after its %s has died in the middle', async (which) => {
    const nodes = await Nodes.on([1, 1, 1])
    const die = async () => {
      const object = which === 'queue' ? nodes.queue.stub() : nodes.deployment.environment()
      await evictDurableObject(object)
      for (const agent of nodes.agents)
        if (which === 'environment') {
          const mine = nodes.starts.filter((start) => start.agent === agent)
          agent.hello(mine.map(({ attemptId }) => ({ attemptId, state: 'running', startedAt: 100 })))
        }
    }
    const jobId = await nodes.submit()
    const [main] = await nodes.given(1)
    await die()
    expect((await nodes.deployment.describe(jobId)).state).toMatch(/STARTING|RUNNING/)
    main!.agent.started(main!.attemptId)
    const starts = await nodes.given(3)
    await die()
    for (const { agent, attemptId } of starts) agent.started(attemptId)
    await nodes.deployment.inState(`${jobId}#2`, 'RUNNING')
    for (const { agent, attemptId } of starts) agent.ended(attemptId)
    expect((await nodes.deployment.ended(jobId)).state).toBe('SUCCEEDED')
    expect((await nodes.deployment.ended(`${jobId}#2`)).state).toBe('SUCCEEDED')
    await nodes.idle()
  })

  it('is refused where nodes and overrides do not fit each other', async () => {
    const nodes = await Nodes.on([], aMultiNodeBody(3, { nodeRangeProperties: [{ targetNodes: '0:2' }] }))
    const refusals: [object, RegExp][] = [
      [{ nodeOverrides: { numNodes: 4 } }, /open-ended/],
      [{ nodeOverrides: { nodePropertyOverrides: [{ targetNodes: '3:' }] } }, /targetNodes/],
      [{ containerOverrides: { command: ['true'] } }, /nodeOverrides/],
      [{ arrayProperties: { size: 2 } }, /array/],
    ]
    for (const [request, text] of refusals) await expect(nodes.submit(request)).rejects.toThrow(text)
    await nodes.deployment.registerAnew(aDefinitionBody())
    await expect(nodes.submit({ nodeOverrides: { numNodes: 4 } })).rejects.toThrow(/multi-node/)
  })
})
