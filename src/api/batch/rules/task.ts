import * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import type { EcsTaskProperties, TaskContainerProperties } from '../../../core/model/job-definition.ts'
import { containerNameOf } from '../../../core/model/task-containers.ts'
import { image, isUnique, resourceRequirements, unmounted } from './container.ts'
import { integer } from './fields.ts'
import type { Rules } from './rule.ts'

/** Tasks of several containers (`ecsProperties`) and their overrides. Sources: AWS Batch API, EcsTaskProperties and its parts. */

const oneTask = (list: z.ZodArray) => list.length(1)
const atMostTen = (list: z.ZodArray) => list.max(limits.containersPerTask)
const containerName = (name: z.ZodString) => name.regex(/^[a-zA-Z0-9_-]{1,255}$/)
const notEmpty = () => z.array(z.string().min(1))

export const taskRules: Rules = {
  'EcsProperties.taskProperties': oneTask,
  'EcsTaskProperties.containers': (list: z.ZodArray) => list.min(1).max(limits.containersPerTask),
  'EcsTaskProperties.ipcMode': () => z.enum(['host', 'task', 'none']),
  'EcsTaskProperties.pidMode': () => z.enum(['host', 'task']),
  'EcsTaskProperties.networkMode': () => z.enum(['host']),
  EcsTaskProperties: (task: z.ZodObject) => task.check(fitsTogether),
  'TaskContainerProperties.image': image,
  'TaskContainerProperties.name': containerName,
  'TaskContainerProperties.resourceRequirements': resourceRequirements,
  'TaskContainerProperties.startTimeout': () => integer(2),
  'TaskContainerProperties.stopTimeout': () => integer(2, limits.stopTimeoutSeconds),
  TaskContainerDependency: (dependency: z.ZodObject) =>
    dependency.extend({
      containerName: z.string(),
      condition: z.enum(['START', 'COMPLETE', 'SUCCESS']),
    }),
  'EcsPropertiesOverride.taskProperties': (list: z.ZodArray) => list.max(1),
  'TaskPropertiesOverride.containers': (list: z.ZodArray<z.ZodType<{ name?: string }>>) =>
    atMostTen(list).refine((all) => isUnique((all as { name?: string }[]).map(containerNameOf)), {
      error: 'must name each container only once',
    }),
  'TaskContainerOverrides.command': notEmpty,
  'TaskContainerOverrides.resourceRequirements': resourceRequirements,
}

type Refuse = (path: PropertyKey[], message: string) => void

/** What the containers of a task demand of each other and of its volumes. */
function fitsTogether({ value, issues }: z.core.ParsePayload<Record<string, unknown>>): void {
  const { containers = [], volumes } = value as EcsTaskProperties
  const refuse: Refuse = (path, message) =>
    issues.push({ code: 'custom', input: value, path: ['containers', ...path], message })
  const names = containers.map(containerNameOf)
  for (const [at, name] of names.entries())
    if (names.indexOf(name) !== at)
      refuse([at, 'name'], `must be unique: there are two containers ${name} (one without a name is default)`)
  if (!containers.some(isEssential)) refuse([], 'must have an essential container')
  for (const [at, { mountPoints }] of containers.entries())
    for (const mount of unmounted({ volumes, mountPoints }))
      refuse([at, 'mountPoints', mount, 'sourceVolume'], 'must be the name of one of volumes')
  refuseDependencies(containers, names, refuse)
}

function refuseDependencies(containers: TaskContainerProperties[], names: string[], refuse: Refuse): void {
  for (const [at, { dependsOn = [] }] of containers.entries())
    for (const [entry, { containerName: target = '', condition }] of dependsOn.entries()) {
      const path = [at, 'dependsOn', entry]
      const other = containers[names.indexOf(target)]
      if (!other) refuse([...path, 'containerName'], `there is no container ${target}`)
      else if (condition !== 'START' && isEssential(other))
        refuse([...path, 'condition'], `${condition} cannot be asked of an essential container`)
    }
  const cyclic = names.findIndex((_, at) => reaches(containers, names, at, at))
  if (cyclic >= 0) refuse([cyclic, 'dependsOn'], 'must not lead back to the container itself')
}

/** Whether `target` is among what `from` depends on, directly or not. */
function reaches(
  containers: TaskContainerProperties[],
  names: string[],
  from: number,
  target: number,
): boolean {
  const seen = new Set<number>()
  const open = [from]
  for (let at = open.pop(); at !== undefined; at = open.pop())
    for (const { containerName: name = '' } of containers[at]?.dependsOn ?? []) {
      const next = names.indexOf(name)
      if (next === target) return true
      if (next < 0 || seen.has(next)) continue
      seen.add(next)
      open.push(next)
    }
  return false
}

function isEssential({ essential }: TaskContainerProperties): boolean {
  return essential ?? true
}
