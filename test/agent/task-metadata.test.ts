import { describe, expect, it } from 'vitest'
import { AttemptDirectory } from '../../src/agent/attempt-directory.ts'
import { containerMetadata, taskMetadata } from '../../src/agent/task-metadata.ts'
import { newTask, type Run } from '../../src/agent/task-run.ts'
import { aContainer, anAttempt, aTask, attemptIdOf } from '../support/attempts.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const account = { partition: 'aws', region: 'eu-west-1', accountId: '123456789012' }
const idOf = ({ job }: Run) => `id of ${job.container.name}`
const secret = { name: 'PASSWORD', value: 'of the job' }

function aRunningTask() {
  const attempt = anAttempt(
    7,
    aTask(
      aContainer('main', 'echo of the job', {
        environment: [secret],
        logGroup: '/own/group',
        resources: { cpuMilli: 1500, memoryMiB: 512, gpuMilli: 0, diskMiB: 0 },
      }),
      aContainer('log', 'true', { essential: false, image: 'fluent' }),
    ),
  )
  const environment = { ...attempt.environment, AWS_BATCH_CE_NAME: 'local' }
  const record = { attempt: { ...attempt, environment, account }, gpus: [] }
  const task = newTask(record, new AttemptDirectory(temporaryDirectory()))
  task.runs[0]!.progress = { state: 'running', since: 1_000, startedAt: 2_000 }
  task.runs[1]!.progress = {
    state: 'ended',
    end: { how: 'exited', startedAt: 1_000, stoppedAt: 3_000, exitCode: 4 },
  }
  return task
}

const taskArn = `arn:aws:ecs:eu-west-1:123456789012:task/local/${attemptIdOf(7)}`
const main = {
  DockerId: 'id of main',
  Name: 'main',
  Image: 'busybox',
  Labels: {
    'com.amazonaws.ecs.cluster': 'local',
    'com.amazonaws.ecs.container-name': 'main',
    'com.amazonaws.ecs.task-arn': taskArn,
  },
  DesiredStatus: 'RUNNING',
  KnownStatus: 'RUNNING',
  Limits: { CPU: 1536, Memory: 512 },
  CreatedAt: '1970-01-01T00:00:01.000Z',
  StartedAt: '1970-01-01T00:00:02.000Z',
  Type: 'NORMAL',
  LogDriver: 'awslogs',
  LogOptions: {
    'awslogs-group': '/own/group',
    'awslogs-region': 'eu-west-1',
    'awslogs-stream': `test/main/${attemptIdOf(7)}`,
  },
}

describe('what a container is told', () => {
  it('is where its output goes, what it may use, and how far it has come', () => {
    expect(containerMetadata(aRunningTask().runs[0]!, idOf)).toEqual(main)
  })

  it('is nothing that its owner might want to keep to himself', () => {
    expect(JSON.stringify(taskMetadata(aRunningTask(), idOf))).not.toMatch(/PASSWORD|of the job/)
  })

  it('of its task names all containers', () => {
    const task = aRunningTask()
    expect(taskMetadata(task, idOf)).toEqual({
      Cluster: 'local',
      TaskARN: taskArn,
      DesiredStatus: 'RUNNING',
      KnownStatus: 'RUNNING',
      Limits: { CPU: 2.5, Memory: 768 },
      LaunchType: 'EC2',
      Containers: [
        main,
        expect.objectContaining({
          Name: 'log',
          Image: 'fluent',
          KnownStatus: 'STOPPED',
          StartedAt: '1970-01-01T00:00:01.000Z',
          FinishedAt: '1970-01-01T00:00:03.000Z',
          ExitCode: 4,
        }),
      ],
    })
    task.stop = { cause: 'stopped', at: 4_000, killAt: 5_000 }
    expect(taskMetadata(task, idOf)).toMatchObject({ DesiredStatus: 'STOPPED', KnownStatus: 'RUNNING' })
  })

  it('leaves out what is not known of attempts that an older agent accepted', () => {
    const task = aRunningTask()
    delete task.attempt.account
    const { TaskARN, Containers } = taskMetadata(task, idOf) as { TaskARN?: string; Containers: object[] }
    expect(TaskARN).toBeUndefined()
    expect(Containers[0]).toMatchObject({
      LogOptions: { 'awslogs-group': '/own/group', 'awslogs-stream': `test/main/${attemptIdOf(7)}` },
    })
    expect(JSON.stringify(Containers)).not.toContain('undefined')
  })
})
