import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postBatch } from '../../support/api-state.ts'
import { startServer } from '../../support/server.ts'

let server: Awaited<ReturnType<typeof startServer>>
const arn = (resource: string) => `arn:aws:batch:us-east-1:000000000000:${resource}`

/** What the operation at `path` answers, or its refusal's text. */
async function call(path: string, input: object): Promise<unknown> {
  const { status, body } = await postBatch<{ message?: string }>(server, path, input)
  return status === 200 ? body : body.message
}

async function describedQueue(name: string) {
  const { jobQueues } = (await call('describejobqueues', { jobQueues: [name] })) as { jobQueues: unknown[] }
  return jobQueues[0]
}

async function describedPolicy(name: string) {
  const arns = [arn(`scheduling-policy/${name}`)]
  const answer = (await call('describeschedulingpolicies', { arns })) as { schedulingPolicies: unknown[] }
  return answer.schedulingPolicies[0]
}

const computeEnvironmentOrder = [{ order: 1, computeEnvironment: 'hosts' }]
const containerProperties = { image: 'a', vcpus: 1, memory: 4 }

beforeAll(async () => {
  server = await startServer({ agent: false })
  await call('createcomputeenvironment', { computeEnvironmentName: 'hosts', type: 'UNMANAGED' })
  await call('registerjobdefinition', { jobDefinitionName: 'd', type: 'container', containerProperties })
})

afterAll(() => server?.stop())

describe('schedulingSettings of a queue', () => {
  it('are described back where they are set, and only there', async () => {
    const schedulingSettings = {
      blockedHead: 'STRICT',
      limits: { runningJobs: 100, vcpus: 64, gpus: 8 },
      preemption: ['LOWER_QUEUES'],
    }
    const queue = { priority: 1, computeEnvironmentOrder }
    await call('createjobqueue', { ...queue, jobQueueName: 'plain' })
    await call('createjobqueue', { ...queue, jobQueueName: 'set', schedulingSettings })
    expect(await describedQueue('plain')).not.toHaveProperty('schedulingSettings')
    expect(await describedQueue('set')).toMatchObject({ schedulingSettings })
    await call('updatejobqueue', { jobQueue: 'set', priority: 2 })
    expect(await describedQueue('set')).toMatchObject({ priority: 2, schedulingSettings })
    await call('updatejobqueue', { jobQueue: 'set', schedulingSettings: { blockedHead: 'BACKFILL' } })
    expect(await describedQueue('set')).toHaveProperty('schedulingSettings', { blockedHead: 'BACKFILL' })
    await call('updatejobqueue', { jobQueue: 'set', schedulingSettings: {} })
    expect(await describedQueue('set')).not.toHaveProperty('schedulingSettings')
  })

  it('change nothing where they are refused', async () => {
    const before = await describedQueue('plain')
    const update = (schedulingSettings: object) =>
      call('updatejobqueue', { jobQueue: 'plain', priority: 9, schedulingSettings })
    expect(await update({ blockedHead: 'LOOSE' })).toBe(
      'schedulingSettings.blockedHead: must be one of BACKFILL, STRICT',
    )
    expect(await update({ limits: { gpus: 0 } })).toBe('schedulingSettings.limits.gpus: must be at least 1')
    expect(await update({ preemption: ['SHARES'] })).toBe(
      'schedulingSettings.preemption: SHARES is for job queues with a fair-share scheduling policy',
    )
    expect(await describedQueue('plain')).toEqual(before)
  })
})

describe('a tree of shares', () => {
  const fairsharePolicy = {
    usage: 'DOMINANT',
    shareDistribution: [
      { shareIdentifier: 'physics', weightFactor: 0.5, limits: { vcpus: 32 } },
      { shareIdentifier: 'physics/*', limits: { runningJobs: 10 } },
      { shareIdentifier: 'physics/ada/urgent', weightFactor: 0.25 },
    ],
  }

  it('is described back as it was made and changed', async () => {
    await call('createschedulingpolicy', { name: 'tree', fairsharePolicy })
    expect(await describedPolicy('tree')).toMatchObject({ fairsharePolicy })
    const changed = { usage: 'COST', shareDistribution: [{ shareIdentifier: 'a/b*' }] }
    await call('updateschedulingpolicy', { arn: arn('scheduling-policy/tree'), fairsharePolicy: changed })
    expect(await describedPolicy('tree')).toHaveProperty('fairsharePolicy', changed)
  })

  it('changes nothing where entries of one level overlap', async () => {
    const before = await describedPolicy('tree')
    const shareDistribution = [{ shareIdentifier: 'a/b*' }, { shareIdentifier: 'a/bc' }]
    const change = { arn: arn('scheduling-policy/tree'), fairsharePolicy: { shareDistribution } }
    expect(await call('updateschedulingpolicy', change)).toBe(
      'fairsharePolicy.shareDistribution: share identifiers a/b* and a/bc overlap',
    )
    expect(await describedPolicy('tree')).toEqual(before)
  })

  it('takes jobs by their paths, and finds them by team', async () => {
    const schedulingPolicyArn = arn('scheduling-policy/tree')
    const queue = { priority: 1, computeEnvironmentOrder, schedulingPolicyArn }
    await call('createjobqueue', { ...queue, jobQueueName: 'fair' })
    const submit = (shareIdentifier?: string) =>
      call('submitjob', { jobName: 'j', jobQueue: 'fair', jobDefinition: 'd', shareIdentifier })
    const { jobId } = (await submit('physics/ada')) as { jobId: string }
    await submit('biology/eve')
    expect(await call('describejobs', { jobs: [jobId] })).toMatchObject({
      jobs: [{ shareIdentifier: 'physics/ada' }],
    })
    const filters = [{ name: 'SHARE_IDENTIFIER', values: ['physics/*'] }]
    expect(await call('listjobs', { jobQueue: 'fair', jobStatus: 'RUNNABLE', filters })).toMatchObject({
      jobSummaryList: [{ jobId, shareIdentifier: 'physics/ada' }],
    })
    expect(await submit('physics//ada')).toContain('shareIdentifier: must be up to 5 segments')
    expect(await submit()).toContain('shareIdentifier: required')
    const plain = { jobName: 'j', jobQueue: 'plain', jobDefinition: 'd', shareIdentifier: 'physics/ada' }
    expect(await call('submitjob', plain)).toContain('has no fair-share scheduling policy')
  })
})

describe('placementConstraints', () => {
  const gpuModels = ['Tesla T4']
  const placementConstraints = { gpuModels, labels: { rack: '7' } }
  const jobDefinition = {
    jobDefinitionName: 'placed',
    type: 'container',
    containerProperties,
    placementConstraints,
  }
  const queue = { jobQueueName: 'placing', priority: 1, computeEnvironmentOrder }

  /** What DescribeJobs says of a new job of a definition. */
  async function describedJob(jobDefinition: string, members: object = {}): Promise<object> {
    const job = { jobName: 'job', jobQueue: 'placing', jobDefinition, ...members }
    const { jobId } = (await call('submitjob', job)) as { jobId: string }
    const { jobs } = (await call('describejobs', { jobs: [jobId] })) as { jobs: object[] }
    return jobs[0]!
  }

  it('are described back with the definition, and with jobs as they hold for them', async () => {
    await call('createjobqueue', queue)
    await call('registerjobdefinition', jobDefinition)
    const described = await call('describejobdefinitions', { jobDefinitions: ['placed'] })
    expect(described).toMatchObject({ jobDefinitions: [{ placementConstraints }] })
    expect(await describedJob('placed')).toMatchObject({ placementConstraints })
    const labels = { rack: '8', row: 'b' }
    expect(await describedJob('placed', { placementConstraints: { labels } })).toMatchObject({
      placementConstraints: { gpuModels, labels },
    })
    expect(await describedJob('d', { placementConstraints: { labels } })).toHaveProperty(
      'placementConstraints',
      {
        labels,
      },
    )
    expect(await describedJob('d')).not.toHaveProperty('placementConstraints')
  })

  it('are described back with an array and its children', async () => {
    const arrayProperties = { size: 2 }
    const { jobId } = (await describedJob('placed', { arrayProperties })) as { jobId: string }
    const described = await call('describejobs', { jobs: [jobId, `${jobId}:1`] })
    expect(described).toMatchObject({ jobs: [{ placementConstraints }, { placementConstraints }] })
  })
})
