import {
  CancelJobCommand,
  CancelJobsCommand,
  DescribeJobsCommand,
  type JobDetail,
  ListJobsByConsumableResourceCommand,
  ListJobsCommand,
  type ListJobsCommandInput,
  ListTagsForResourceCommand,
  SubmitJobCommand,
  type SubmitJobCommandInput,
  TagResourceCommand,
  TerminateJobCommand,
  TerminateJobsCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-batch'
import { beforeAll, describe, expect, it } from 'vitest'
import { describeJob } from '../../support/e2e-jobs.ts'
import { jobs } from '../examples/jobs.ts'
import { batch, server } from './shared-server.ts'

const nothing = '00000000-0000-8000-8000-000000000000'

const ids = new Map<string, string>()

describe('jobs, as they are submitted', () => {
  let dependency: string

  beforeAll(async () => {
    dependency = await submit({
      jobName: 'dependency',
      jobQueue: 'hosts',
      jobDefinition: 'deprecated',
      arrayProperties: { size: 3 },
    })
  })

  it.each(jobs('').map((input, at) => [input.jobName!, at] as const))(
    'describes the job %s by what was sent',
    async (name, at) => {
      const input = jobs(dependency)[at]!
      const jobId = await submit(input)
      ids.set(name, jobId)
      const described = await describeJob(server(), jobId)
      expect(described).toMatchObject(expectedDetail(input))
      expect(described.jobArn).toBe(`arn:aws:batch:us-east-1:000000000000:job/${jobId}`)
    },
  )

  it('merges overrides into the container', async () => {
    const { container } = await describeJob(server(), ids.get('container')!)
    expect(container?.command).toEqual(['echo', 'goodbye'])
    expect(container?.environment).toEqual([
      { name: 'COLOUR', value: 'red' },
      { name: 'EMPTY', value: '' },
    ])
    expect(container?.resourceRequirements).toEqual([
      { type: 'VCPU', value: '2' },
      { type: 'MEMORY', value: '256' },
      { type: 'GPU', value: '1' },
    ])
  })

  it('answers in the order asked, leaves unknown ids out and knows children and nodes', async () => {
    const [array, nodes] = [ids.get('array')!, ids.get('nodes')!]
    const asked = [
      `${array}:1`,
      nothing,
      `${nodes}#0`,
      `${nodes}#3`,
      'garbage',
      array,
      `${array}:7`,
      `${nodes}#4`,
    ]
    const { jobs: found } = await batch().send(new DescribeJobsCommand({ jobs: asked }))
    expect(found?.map(({ jobId }) => jobId)).toEqual([`${array}:1`, `${nodes}#0`, `${nodes}#3`, array])
    expect(found?.[0]?.arrayProperties).toMatchObject({ index: 1 })
    expect(found?.[1]?.container?.instanceType).toBe('c5.xlarge')
    expect(found?.[2]?.nodeDetails).toEqual({ nodeIndex: 3, isMainNode: false })
  })

  it('lists by queue and status, by filter, and an array by its children', async () => {
    const pending = await list({ jobQueue: 'hosts', jobStatus: 'PENDING' })
    expect(pending.map(({ jobName }) => jobName)).toEqual(expect.arrayContaining(['array', 'dependency']))
    const named = await list({ jobQueue: 'hosts', filters: [{ name: 'JOB_NAME', values: ['CONT*'] }] })
    expect(named.map(({ jobName }) => jobName)).toEqual(['container'])
    const children = await list({ arrayJobId: ids.get('array'), jobStatus: 'PENDING' })
    expect(children.map(({ arrayProperties }) => arrayProperties?.index)).toEqual([0, 1, 2])
    const nodes = await list({ multiNodeJobId: ids.get('nodes'), jobStatus: 'RUNNABLE' })
    expect(nodes.map(({ nodeProperties }) => nodeProperties?.nodeIndex)).toEqual([0, 1, 2, 3])
  })

  it('lists by the consumable resource that jobs use', async () => {
    const filters = [{ name: 'JOB_NAME', values: ['shared'] }]
    const command = new ListJobsByConsumableResourceCommand({ consumableResource: 'fuel', filters })
    const { jobs: users } = await batch().send(command)
    expect(users).toEqual([expect.objectContaining({ shareIdentifier: 'physics', quantity: 2 })])
  })

  it('pages through a list', async () => {
    const found: string[] = []
    let nextToken: string | undefined
    do {
      const command = new ListJobsCommand({
        jobQueue: 'hosts',
        jobStatus: 'RUNNABLE',
        maxResults: 1,
        nextToken,
      })
      const page = await batch().send(command)
      found.push(...page.jobSummaryList!.map(({ jobId }) => jobId!))
      nextToken = page.nextToken
    } while (nextToken)
    expect(new Set(found).size).toBe(found.length)
    expect(found).toContain(ids.get('container'))
  })

  it('tags a job', async () => {
    const resourceArn = (await describeJob(server(), ids.get('container')!)).jobArn
    await batch().send(new TagResourceCommand({ resourceArn, tags: { added: 'yes' } }))
    expect((await batch().send(new ListTagsForResourceCommand({ resourceArn }))).tags).toMatchObject({
      owner: 'me',
      added: 'yes',
    })
    await batch().send(new UntagResourceCommand({ resourceArn, tagKeys: ['added'] }))
    expect((await describeJob(server(), ids.get('container')!)).tags).toEqual({ owner: 'me' })
  })
})

describe('jobs, as they are stopped', () => {
  it('cancels one, and tells it by the reason given', async () => {
    await batch().send(new CancelJobCommand({ jobId: ids.get('container'), reason: 'not wanted' }))
    expect(await describeJob(server(), ids.get('container')!)).toMatchObject({
      status: 'FAILED',
      statusReason: 'not wanted',
      isCancelled: true,
    })
  })

  it('terminates one, and a multi-node job whole', async () => {
    await batch().send(new TerminateJobCommand({ jobId: ids.get('nodes'), reason: 'not wanted' }))
    expect(await describeJob(server(), ids.get('nodes')!)).toMatchObject({
      status: 'FAILED',
      statusReason: 'not wanted',
      isTerminated: true,
    })
  })

  it.each([
    ['CancelJobs', CancelJobsCommand, 'task'],
    ['TerminateJobs', TerminateJobsCommand, 'pod'],
  ] as const)('stops many by %s; unknown ids count as stopped', async (_, Command, name) => {
    const asked = [ids.get(name)!, nothing]
    const answer = await batch().send(new Command({ jobs: asked, reason: 'all of them' }))
    expect(answer.successful?.toSorted()).toEqual(asked.toSorted())
    expect(answer.errors).toEqual([])
    expect(await describeJob(server(), ids.get(name)!)).toMatchObject({ statusReason: 'all of them' })
  })

  it('lists what was stopped as such', async () => {
    const ended = await list({ jobQueue: 'hosts', jobStatus: 'FAILED' })
    const of = (name: string) => ended.find(({ jobId }) => jobId === ids.get(name))
    expect(of('container')).toMatchObject({ isCancelled: true, statusReason: 'not wanted' })
    expect(of('nodes')).toMatchObject({ isTerminated: true })
    const shares = [{ name: 'SHARE_IDENTIFIER', values: ['phys*'] }]
    const shared = await list({ jobQueue: 'fair', jobStatus: 'RUNNABLE', filters: shares })
    expect(shared.map(({ shareIdentifier }) => shareIdentifier)).toEqual(['physics'])
  })

  it('is not troubled by ids that name nothing or have ended', async () => {
    for (const jobId of [nothing, 'garbage', ids.get('container')]) {
      await batch().send(new CancelJobCommand({ jobId, reason: 'again' }))
      await batch().send(new TerminateJobCommand({ jobId, reason: 'again' }))
    }
    expect((await describeJob(server(), ids.get('container')!)).statusReason).toBe('not wanted')
  })
})

async function list(input: ListJobsCommandInput) {
  return (await batch().send(new ListJobsCommand(input))).jobSummaryList ?? []
}

async function submit(input: SubmitJobCommandInput): Promise<string> {
  return (await batch().send(new SubmitJobCommand(input))).jobId!
}

/** What DescribeJobs shows of an input as it was sent; overrides are merged and checked apart. */
function expectedDetail(input: SubmitJobCommandInput): Partial<JobDetail> {
  const { jobName, shareIdentifier, dependsOn, retryStrategy, timeout, propagateTags, tags } = input
  return {
    jobName: jobName!,
    ...(shareIdentifier ? { shareIdentifier } : {}),
    ...(input.schedulingPriorityOverride ? { schedulingPriority: input.schedulingPriorityOverride } : {}),
    dependsOn: dependsOn ?? [],
    ...(retryStrategy ? { retryStrategy } : {}),
    ...(timeout ? { timeout } : {}),
    ...(propagateTags !== undefined ? { propagateTags } : {}),
    tags: tags ?? {},
    ...(input.consumableResourcePropertiesOverride
      ? { consumableResourceProperties: expect.objectContaining(overridden(input)) }
      : {}),
    ...(input.arrayProperties?.size ? { arrayProperties: { size: input.arrayProperties.size } } : {}),
  }
}

/** An override replaces what the definition asks of the same resource; the rest stays. */
function overridden({ consumableResourcePropertiesOverride }: SubmitJobCommandInput): object {
  const { consumableResourceList = [] } = consumableResourcePropertiesOverride ?? {}
  return { consumableResourceList: expect.arrayContaining(consumableResourceList) }
}
