import type {
  ContainerProperties,
  EcsProperties,
  JobDefinitionBody,
  TaskContainerProperties,
  Volume,
} from './job-definition.ts'
import { taskContainers } from './task-containers.ts'

/** What is defined beside each other: a job's containers and the volumes they mount. */
type Task = { containers: (ContainerProperties | TaskContainerProperties)[]; volumes: Volume[] }

/**
 * Why no host of any environment can run jobs of a definition, however large the host: what they need does not exist in
 * this deployment yet. The text is the waiting job's status reason; undefined when there is nothing of the kind.
 */
export function unmetNeed(body: JobDefinitionBody): string | undefined {
  const need = firstNeed(body)
  return need && `MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - ${need}`
}

/** Whether jobs of a definition, or some of their nodes, are pods of a Kubernetes cluster. */
export function isPod({ eksProperties, nodeProperties }: JobDefinitionBody): boolean {
  return (
    eksProperties !== undefined ||
    (nodeProperties?.nodeRangeProperties ?? []).some((group) => group.eksProperties !== undefined)
  )
}

function firstNeed(body: JobDefinitionBody): string | undefined {
  const groups = body.nodeProperties?.nodeRangeProperties ?? []
  if (isPod(body))
    return 'This job is a pod (eksProperties): it needs a Kubernetes cluster, and no compute environment has one'
  const tasks = [
    taskOf(body.containerProperties, body.ecsProperties),
    ...groups.map(({ container, ecsProperties }) => taskOf(container, ecsProperties)),
  ]
  for (const task of tasks) {
    const need = needOf(task)
    if (need) return need
  }
  return undefined
}

function taskOf(container: ContainerProperties | undefined, ecsProperties: EcsProperties | undefined): Task {
  if (ecsProperties)
    return {
      containers: taskContainers(ecsProperties),
      volumes: ecsProperties.taskProperties?.[0]?.volumes ?? [],
    }
  return { containers: container ? [container] : [], volumes: container?.volumes ?? [] }
}

function needOf({ containers, volumes }: Task): string | undefined {
  for (const { secrets = [], repositoryCredentials, mountPoints = [] } of containers) {
    if (secrets[0])
      return `This job has secrets (${secrets[0].name}): there is no secret store to read them from; pass values in environment`
    if (repositoryCredentials)
      return 'This job has repositoryCredentials: there is no secret store to read them from; log the container engine of the hosts in to the registry'
    for (const { sourceVolume } of mountPoints) {
      const volume = volumes.find(({ name }) => name !== undefined && name === sourceVolume)
      if (volume?.efsVolumeConfiguration || volume?.s3filesVolumeConfiguration)
        return `This job mounts an AWS file system (${sourceVolume}): hosts cannot; mount it on the host and name its path in host.sourcePath`
    }
  }
  return undefined
}
