import { describe, expect, it } from 'vitest'
import { attemptTask, ecsDetail } from '../../../src/api/batch/task-detail.ts'
import type { AttemptView } from '../../../src/core/model/job.ts'

const deployment = { partition: 'aws', region: 'eu-central-1', accountId: '123456789012', salt: 's' }
const arns = {
  taskArn: 'arn:aws:ecs:eu-central-1:123456789012:task/local/a1',
  containerInstanceArn: 'arn:aws:ecs:eu-central-1:123456789012:container-instance/local/i-1',
}
const containers = [
  { name: 'main', logStreamName: 'd/main/a1', exitCode: 0 },
  { name: 'late', logStreamName: 'd/late/a1', reason: 'DependencyError: …' },
]
const attempt: AttemptView = {
  attemptId: 'a1',
  environment: 'local',
  instanceId: 'i-1',
  logStreamName: 'd/main/a1',
  containers,
}
const properties = {
  taskProperties: [
    {
      ipcMode: 'task',
      containers: [
        { name: 'main', image: 'i' },
        { name: 'late', image: 'j' },
      ],
    },
  ],
}
const lists = {
  command: [],
  dependsOn: [],
  environment: [],
  mountPoints: [],
  resourceRequirements: [],
  secrets: [],
  ulimits: [],
  networkInterfaces: [],
}

describe('attemptTask', () => {
  it('tells what became of each container, and nothing of what did not run', () => {
    expect(attemptTask(deployment, attempt, containers)).toStrictEqual({
      ...arns,
      containers: containers.map((container) => ({ ...container, networkInterfaces: [] })),
    })
  })
})

describe('ecsDetail', () => {
  it('is the task with the results of its latest try', () => {
    const ignored = () => ({ longshore: true })
    expect(ecsDetail(deployment, properties, attempt, ignored)).toStrictEqual({
      taskProperties: [
        {
          volumes: [],
          ipcMode: 'task',
          ...arns,
          longshore: true,
          containers: [
            { ...lists, image: 'i', ...containers[0] },
            { ...lists, image: 'j', ...containers[1] },
          ],
        },
      ],
    })
  })

  it('has neither ARNs nor logs before there is a try', () => {
    expect(ecsDetail(deployment, properties, undefined, () => ({}))).toStrictEqual({
      taskProperties: [
        {
          volumes: [],
          ipcMode: 'task',
          containers: [
            { ...lists, name: 'main', image: 'i' },
            { ...lists, name: 'late', image: 'j' },
          ],
        },
      ],
    })
  })
})
