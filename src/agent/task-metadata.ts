import { ecsArn } from '../core/model/deployment.ts'
import type { Resources } from '../core/model/resources.ts'
import { hasEnded, type Run, type Task } from './task-run.ts'
import { startOf } from './task-runner.ts'

/** CPU units of one vCPU (Amazon ECS, container definition `cpu`). */
const unitsPerCpu = 1024

/**
 * What a container is told of itself, in the form of Amazon ECS's task metadata endpoint, version 4. Nothing in it is
 * secret: no environment, no command. `idOf`: the container's id in Docker, or of a process its id on this host.
 */
export function containerMetadata(run: Run, idOf: (run: Run) => string): object {
  const { task, job } = run
  const { container, attemptId } = job
  const { account } = task.attempt
  const taskArn = taskArnOf(task)
  return {
    DockerId: idOf(run),
    Name: container.name,
    Image: container.image,
    Labels: {
      'com.amazonaws.ecs.cluster': clusterOf(task),
      'com.amazonaws.ecs.container-name': container.name,
      ...(taskArn === undefined ? {} : { 'com.amazonaws.ecs.task-arn': taskArn }),
    },
    DesiredStatus: isToRun(task) && !run.isTerminated ? 'RUNNING' : 'STOPPED',
    KnownStatus: knownStatus[run.progress.state],
    Limits: limitsOf(container.resources, unitsPerCpu),
    ...timesOf(run),
    Type: 'NORMAL',
    LogDriver: 'awslogs',
    LogOptions: {
      'awslogs-group': container.logGroup,
      ...(account ? { 'awslogs-region': account.region } : {}),
      'awslogs-stream': `${container.logStreamPrefix}/${attemptId}`,
    },
  }
}

/** What a container is told of its task. `DesiredStatus` is STOPPED from when it is to end. */
export function taskMetadata(task: Task, idOf: (run: Run) => string): object {
  const taskArn = taskArnOf(task)
  return {
    Cluster: clusterOf(task),
    ...(taskArn === undefined ? {} : { TaskARN: taskArn }),
    DesiredStatus: isToRun(task) ? 'RUNNING' : 'STOPPED',
    KnownStatus: task.report ? 'STOPPED' : startOf(task) === undefined ? 'PENDING' : 'RUNNING',
    Limits: limitsOf(task.attempt.spec.resources, 1),
    LaunchType: 'EC2',
    Containers: task.runs.map((run) => containerMetadata(run, idOf)),
  }
}

const knownStatus = {
  waiting: 'NONE',
  starting: 'CREATED',
  running: 'RUNNING',
  ended: 'STOPPED',
} as const

function isToRun({ stop, report }: Task): boolean {
  return !stop && !report
}

/** The compute environment, as in the ARNs that the API gives. */
function clusterOf({ attempt }: Task): string {
  return attempt.environment.AWS_BATCH_CE_NAME ?? ''
}

function taskArnOf(task: Task): string | undefined {
  const { account, attemptId } = task.attempt
  return account && ecsArn(account, `task/${clusterOf(task)}/${attemptId}`)
}

function limitsOf({ cpuMilli, memoryMiB }: Resources, perCpu: number): object {
  return { CPU: (cpuMilli * perCpu) / 1000, Memory: memoryMiB }
}

function timesOf(run: Run): object {
  const { progress } = run
  const time = (name: string, ms: number | undefined) =>
    ms === undefined ? {} : { [name]: new Date(ms).toISOString() }
  if (hasEnded(run)) {
    const { startedAt, stoppedAt, exitCode } = run.progress.end
    const exit = exitCode === undefined ? {} : { ExitCode: exitCode }
    return { ...time('StartedAt', startedAt), ...time('FinishedAt', stoppedAt), ...exit }
  }
  return {
    ...('since' in progress ? time('CreatedAt', progress.since) : {}),
    ...('startedAt' in progress ? time('StartedAt', progress.startedAt) : {}),
  }
}
