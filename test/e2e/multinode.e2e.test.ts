import { join } from 'node:path'
import {
  DescribeJobDefinitionsCommand,
  DescribeJobsCommand,
  ListJobsCommand,
  type NodeProperties,
  RegisterJobDefinitionCommand,
  type SubmitJobCommandInput,
  TerminateJobCommand,
} from '@aws-sdk/client-batch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AgentChild } from '../support/agent-child.ts'
import {
  describeJob,
  submit,
  waitForEnd,
  waitForJob,
  waitForLine,
  waitForState,
} from '../support/e2e-jobs.ts'
import { type Server, startServer } from '../support/server.ts'

let server: Server
const agents: AgentChild[] = []

/** Joins one more host, which offers two vCPUs. */
async function addHost(): Promise<AgentChild> {
  const args = ['--vcpus', '2', '--memory-mib', '4096']
  // Beside the server's own: it stays for the tests that follow, and goes with the server.
  const directory = join(server.dataDirectory, `host-${agents.length + 2}`)
  const agent = new AgentChild(server.url, directory, args, {
    LONGSHORE_AGENT_TOKEN: server.agentToken,
  })
  agents.push(agent)
  await agent.says('connected')
  return agent
}

beforeAll(async () => {
  server = await startServer({ agent: { vcpus: 2 } })
})
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.end('SIGTERM')))
  await server?.stop()
})

const node = process.execPath
const container = (command: string[]) => ({
  image: 'none',
  command,
  resourceRequirements: [
    { type: 'VCPU' as const, value: '1' },
    { type: 'MEMORY' as const, value: '64' },
  ],
})

/** The main node counts who calls at its port and leaves when all have; the others call until they are answered. */
const rendezvous = `
const net = require('node:net')
const { AWS_BATCH_JOB_NODE_INDEX: index, AWS_BATCH_JOB_NUM_NODES: count } = process.env
const main = process.env.AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS
const port = Number(process.env.PORT)
if (index === process.env.AWS_BATCH_JOB_MAIN_NODE_INDEX) {
  const called = new Set()
  console.log('main address: ' + main)
  net.createServer((socket) => socket.on('data', (data) => {
    called.add(String(data))
    socket.end('welcome ' + data)
    if (called.size === count - 1) socket.on('close', () => { console.log('all called: ' + [...called].sort()); process.exit(0) })
  })).listen(port)
} else {
  const call = () => net.connect(port, main)
    .on('connect', function () { this.write('node ' + index) })
    .on('data', (data) => { console.log(String(data)); setInterval(() => undefined, 1000) })
    .on('error', () => setTimeout(call, 50))
  call()
}`

async function define(nodeProperties: NodeProperties, more = {}): Promise<string> {
  const { jobDefinitionArn } = await server.batch.send(
    new RegisterJobDefinitionCommand({
      jobDefinitionName: 'gang',
      type: 'multinode',
      nodeProperties,
      ...more,
    }),
  )
  return jobDefinitionArn!
}

const nodesOf = (numNodes: number, ...ranges: [string, string[]][]): NodeProperties => ({
  numNodes,
  mainNode: 0,
  nodeRangeProperties: ranges.map(([targetNodes, command]) => ({
    targetNodes,
    container: container(command),
  })),
})

/** The main node runs one shell script, the others another. */
const scripts = (numNodes: number, main: string, others: string) =>
  nodesOf(numNodes, ['0', ['sh', '-c', main]], ['1:', ['sh', '-c', others]])

const run = async (properties: NodeProperties, request: Partial<SubmitJobCommandInput> = {}, more = {}) =>
  submit(server, await define(properties, more), request)

describe('a multi-node parallel job', () => {
  it('waits until its hosts have room for all nodes at once', async () => {
    const jobId = await run(scripts(3, 'true', 'true'))
    const waiting = await waitForJob(server, jobId, ({ statusReason }) => statusReason !== undefined)
    expect(waiting).toMatchObject({ status: 'RUNNABLE' })
    expect(waiting.statusReason).toMatch(/^MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - .* 3 nodes/)
    await addHost()
    expect(await waitForEnd(server, jobId)).toMatchObject({ status: 'SUCCEEDED' })
  })

  it('runs on several hosts, whose nodes find the main one at its address', async () => {
    await addHost()
    const environment = [{ name: 'PORT', value: String(20_000 + (process.pid % 10_000)) }]
    const jobId = await run(nodesOf(3, ['0:', [node, '-e', rendezvous]]), {
      nodeOverrides: { nodePropertyOverrides: [{ targetNodes: '0:2', containerOverrides: { environment } }] },
    })
    const job = await waitForEnd(server, jobId)
    expect(job).toMatchObject({ status: 'SUCCEEDED', statusReason: 'Essential container in task exited' })
    expect(job.container).toBeUndefined()
    expect(job.attempts).toMatchObject([{ container: { exitCode: 0 } }])
    expect(job.nodeProperties).toMatchObject({
      numNodes: 3,
      mainNode: 0,
      nodeRangeProperties: [
        { targetNodes: '0:', container: { command: [node, '-e', rendezvous], environment } },
      ],
    })
    const ids = [0, 1, 2].map((index) => `${jobId}#${index}`)
    for (const id of ids) await waitForEnd(server, id)
    const { jobs } = await server.batch.send(new DescribeJobsCommand({ jobs: ids }))
    expect(jobs!.map(({ nodeDetails }) => nodeDetails)).toEqual(
      [0, 1, 2].map((nodeIndex) => ({ nodeIndex, isMainNode: nodeIndex === 0 })),
    )
    expect(new Set(jobs!.map((one) => one.container!.containerInstanceArn)).size).toBe(3)
    for (const one of jobs!)
      expect(one.container!.networkInterfaces).toEqual([
        { privateIpv4Address: expect.stringMatching(/^\d+\./) },
      ])
    expect(await waitForLine(server, jobs![0]!, (line) => line.startsWith('all'))).toEqual([
      'main address: undefined',
      'all called: node 1,node 2',
    ])
    expect(await waitForLine(server, jobs![2]!, () => true)).toContain('welcome node 2')
  })

  it('gives a failed main node and all others another attempt', async () => {
    const main = 'sleep 1; test "$AWS_BATCH_JOB_ATTEMPT" = 2'
    const others = 'echo attempt $AWS_BATCH_JOB_ATTEMPT; sleep 600'
    const jobId = await run(scripts(3, main, others), { retryStrategy: { attempts: 3 } })
    const job = await waitForEnd(server, jobId)
    expect(job.attempts!.map(({ container }) => container!.exitCode)).toEqual([1, 0])
    const other = await waitForEnd(server, `${jobId}#1`)
    expect(other.attempts!.length).toBe(2)
    expect(new Set(other.attempts!.map(({ container }) => container!.taskArn)).size).toBe(2)
  })

  it('goes on when another node fails', async () => {
    const jobId = await run(scripts(3, 'sleep 2', 'exit 3'))
    const failed = await waitForEnd(server, `${jobId}#1`)
    expect(failed).toMatchObject({ status: 'FAILED', container: { exitCode: 3 } })
    expect(await waitForEnd(server, jobId)).toMatchObject({ status: 'SUCCEEDED' })
  })

  it('is stopped with all its nodes when it is terminated, which ListJobs shows running until then', async () => {
    const jobId = await run(scripts(3, 'sleep 600', 'sleep 600'))
    for (const index of [0, 1, 2]) await waitForState(server, `${jobId}#${index}`, 'RUNNING')
    const { jobSummaryList } = await server.batch.send(new ListJobsCommand({ multiNodeJobId: jobId }))
    expect(jobSummaryList!.map(({ jobId: id, nodeProperties }) => [id, nodeProperties])).toEqual(
      [0, 1, 2].map((nodeIndex) => [
        `${jobId}#${nodeIndex}`,
        { isMainNode: nodeIndex === 0, numNodes: 3, nodeIndex },
      ]),
    )
    await server.batch.send(new TerminateJobCommand({ jobId, reason: 'enough' }))
    expect(await waitForEnd(server, jobId)).toMatchObject({
      status: 'FAILED',
      statusReason: 'enough',
      isTerminated: true,
    })
    expect(await waitForEnd(server, `${jobId}#2`)).toMatchObject({ status: 'FAILED', statusReason: 'enough' })
  })

  it('may have another number of nodes, and its definition describes back as it was sent', async () => {
    const properties = scripts(1, 'sleep 1; echo $AWS_BATCH_JOB_NUM_NODES', 'sleep 600')
    properties.numNodes = 2
    const jobId = await run(properties, { nodeOverrides: { numNodes: 4 } })
    const job = await waitForEnd(server, jobId)
    expect(job.nodeProperties).toMatchObject({ numNodes: 4 })
    expect(await waitForLine(server, await describeJob(server, `${jobId}#0`), () => true)).toEqual(['4'])
    const { jobDefinitions } = await server.batch.send(
      new DescribeJobDefinitionsCommand({ jobDefinitions: [job.jobDefinition!] }),
    )
    expect(jobDefinitions![0]!.nodeProperties).toEqual(properties)
  })
})
