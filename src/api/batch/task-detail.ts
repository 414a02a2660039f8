import { type Deployment, ecsArn } from '../../core/model/deployment.ts'
import type { AttemptView, ContainerView, JobView } from '../../core/model/job.ts'
import type { EcsProperties, EcsTaskProperties } from '../../core/model/job-definition.ts'

/** The ARNs of a try's task and its host. Before the first placement there is neither. */
export function taskArns(
  deployment: Deployment,
  { environment, instanceId, attemptId }: AttemptView,
): { taskArn?: string; containerInstanceArn?: string } {
  if (environment === undefined) return {}
  const host = `container-instance/${environment}/${instanceId}`
  return {
    taskArn: ecsArn(deployment, `task/${environment}/${attemptId}`),
    ...(instanceId === undefined ? {} : { containerInstanceArn: ecsArn(deployment, host) }),
  }
}

/** The API's AttemptEcsTaskDetails: a try of a job that `ecsProperties` describes. */
export function attemptTask(
  deployment: Deployment,
  attempt: AttemptView,
  containers: ContainerView[],
): object {
  const named = containers.map(({ name, ...container }) => ({ name, ...resultDetail(container) }))
  return { ...taskArns(deployment, attempt), containers: named }
}

/**
 * The API's EcsPropertiesDetail: the task as it was defined and overridden, and what its latest try has come to.
 * `ignored`: what to say of images that are not used.
 */
export function ecsDetail(
  deployment: Deployment,
  properties: EcsProperties,
  latest: JobView['latestAttempt'],
  ignored: (platform: EcsTaskProperties['runtimePlatform']) => object,
): object {
  const tasks = properties.taskProperties?.map((task) => ({
    volumes: [],
    ...task,
    ...(latest ? taskArns(deployment, latest) : {}),
    ...ignored(task.runtimePlatform),
    containers: task.containers?.map((container, at) => ({
      command: [],
      dependsOn: [],
      environment: [],
      mountPoints: [],
      resourceRequirements: [],
      secrets: [],
      ulimits: [],
      ...container,
      ...resultDetail(latest?.containers?.[at] ?? {}),
    })),
  }))
  return { ...properties, taskProperties: tasks }
}

function resultDetail({ exitCode, reason, logStreamName }: Partial<ContainerView>): object {
  return {
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason }),
    ...(logStreamName === undefined ? {} : { logStreamName }),
    networkInterfaces: [],
  }
}
