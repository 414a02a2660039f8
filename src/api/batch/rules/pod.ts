import * as z from 'zod'
import { limits } from '../../../core/limits.ts'
import { podContainerName } from '../../../core/model/effective-pod.ts'
import type { EksContainer } from '../../../core/model/job-definition.ts'
import { isUnique } from './container.ts'
import { integer } from './fields.ts'
import type { Rules } from './rule.ts'

/** Pods (`eksProperties`) and their overrides. Sources: AWS Batch API, EksPodProperties and its parts. */

const atMostTen = (list: z.ZodArray) => list.max(limits.containersPerTask)
/** A name as Kubernetes wants it in DNS; AWS allows capitals where the name is its own. */
const dnsName = /^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/
const path = (text: z.ZodString) => text.regex(/^\//, 'must be an absolute path')
const notReserved = (name: z.ZodString) =>
  name
    .min(1)
    .refine((value) => !value.startsWith('AWS_BATCH'), 'must not begin with the reserved prefix AWS_BATCH')
const kinds = ['hostPath', 'emptyDir', 'secret', 'persistentVolumeClaim'] as const

export const podRules: Rules = {
  'EksPodProperties.containers': (list: z.ZodArray) => list.min(1).max(limits.containersPerTask),
  'EksPodProperties.initContainers': atMostTen,
  'EksPodProperties.dnsPolicy': () => z.enum(['Default', 'ClusterFirst', 'ClusterFirstWithHostNet']),
  EksPodProperties: (pod: z.ZodObject) => pod.check(fitsTogether),
  'EksContainer.image': (image: z.ZodString) => image.min(1),
  'EksContainer.name': (name: z.ZodString) => name.regex(dnsName),
  'EksContainer.imagePullPolicy': () => z.enum(['Always', 'IfNotPresent', 'Never']),
  EksContainerResourceRequirements: (resources: z.ZodType<Resources>) => resources.check(isConsistent),
  'EksContainerEnvironmentVariable.name': notReserved,
  'EksContainerVolumeMount.mountPath': path,
  'EksContainerSecurityContext.runAsUser': () => integer(0),
  'EksContainerSecurityContext.runAsGroup': () => integer(0),
  'EksHostPath.path': path,
  'EksEmptyDir.medium': () => z.enum(['', 'Memory']),
  'EksVolume.name': (name: z.ZodString) => name.regex(dnsName),
  EksVolume: (volume: z.ZodObject) =>
    volume.refine((value) => kinds.filter((kind) => value[kind] !== undefined).length <= 1, {
      error: `must have only one of ${kinds.join(', ')}`,
    }),
  'EksMetadata.namespace': (name: z.ZodString) =>
    name
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
      .refine(
        (value) => value !== 'default' && !value.startsWith('kube'),
        "must not be default or begin with 'kube'",
      ),
  'EksPodPropertiesOverride.containers': atMostTen,
  'EksPodPropertiesOverride.initContainers': atMostTen,
  'EksContainerOverride.image': (image: z.ZodString) => image.min(1),
}

type Resources = { limits?: Record<string, string>; requests?: Record<string, string> }

/** Memory in whole Mi, limits = requests; CPU in quarters, limits >= requests; whole GPUs, limits = requests. */
function isConsistent({ value, issues }: z.core.ParsePayload<Resources>): void {
  for (const kind of ['limits', 'requests'] as const)
    for (const [name, amount] of Object.entries(value[kind] ?? {})) {
      const message = amountRule(name, amount)
      if (message) issues.push({ code: 'custom', input: value, path: [kind, name], message })
    }
  for (const [name, request] of Object.entries(value.requests ?? {})) {
    const limit = value.limits?.[name]
    if (limit === undefined || limit === request) continue
    if (name === 'cpu' && Number(limit) >= Number(request)) continue
    const message = name === 'cpu' ? 'must not be less than requests' : 'must be the same as in requests'
    issues.push({ code: 'custom', input: value, path: ['limits', name], message })
  }
}

function amountRule(name: string, amount: string): string | undefined {
  if (name === 'memory')
    return /^\d{1,9}Mi$/.test(amount) && Number.parseInt(amount, 10) >= 4
      ? undefined
      : 'must be a whole number of at least 4, with the suffix Mi'
  if (name === 'cpu')
    return /^\d{1,6}(\.\d{1,2})?$/.test(amount) && Number(amount) > 0 && (Number(amount) * 4) % 1 === 0
      ? undefined
      : 'must be a multiple of 0.25'
  if (name === 'nvidia.com/gpu') return /^\d{1,4}$/.test(amount) ? undefined : 'must be a whole number'
  return 'must be one of memory, cpu, nvidia.com/gpu'
}

type Pod = {
  containers?: EksContainer[]
  initContainers?: EksContainer[]
  volumes?: { name: string }[]
}

function fitsTogether({ value, issues }: z.core.ParsePayload<Record<string, unknown>>): void {
  const { containers, initContainers = [], volumes = [] } = value as Pod
  const refuse = (at: PropertyKey[], message: string) =>
    issues.push({ code: 'custom', input: value, path: at, message })
  if (!containers) refuse(['containers'], 'required')
  const all = [...initContainers, ...(containers ?? [])]
  if (!isUnique(all.map(podContainerName)))
    refuse(['containers'], 'must have unique names (a container without one is Default)')
  if (!isUnique(volumes.map(({ name }) => name))) refuse(['volumes'], 'must have unique names')
  for (const [kind, list] of Object.entries({ containers: containers ?? [], initContainers }))
    for (const [at, { volumeMounts = [] }] of list.entries())
      for (const [mount, { name }] of (volumeMounts as { name?: string }[]).entries())
        if (!volumes.some((volume) => volume.name === name))
          refuse([kind, at, 'volumeMounts', mount, 'name'], 'must be the name of one of volumes')
}
