import { describe, expect, it } from 'vitest'
import { refuseOverrides } from '../../../src/core/decisions/refuse-overrides.ts'
import type { JobRequest } from '../../../src/core/model/job.ts'
import type { JobDefinitionBody, ResourceRequirement } from '../../../src/core/model/job-definition.ts'

const single: JobDefinitionBody = { type: 'container', containerProperties: { image: 'a' } }
const task: JobDefinitionBody = {
  type: 'container',
  ecsProperties: { taskProperties: [{ containers: [{ name: 'a', image: 'a' }, { image: 'b' }] }] },
}
const pod: JobDefinitionBody = {
  type: 'container',
  eksProperties: { podProperties: { containers: [{ image: 'a' }], initContainers: [{ name: 'i' }] } },
}
const sizes = (vcpu: string, memory: string): ResourceRequirement[] => [
  { type: 'VCPU', value: vcpu },
  { type: 'MEMORY', value: memory },
]
const onFargate: JobDefinitionBody = {
  type: 'container',
  platformCapabilities: ['FARGATE'],
  containerProperties: { image: 'a', resourceRequirements: sizes('1', '2048') },
}
const taskOnFargate: JobDefinitionBody = {
  type: 'container',
  platformCapabilities: ['FARGATE'],
  ecsProperties: {
    taskProperties: [
      {
        containers: [
          { name: 'a', image: 'a', resourceRequirements: sizes('0.75', '1536') },
          { name: 'b', image: 'b', resourceRequirements: sizes('0.25', '512') },
        ],
      },
    ],
  },
}
const resized = (name: string, resourceRequirements: ResourceRequirement[]): Partial<JobRequest> => ({
  ecsPropertiesOverride: { taskProperties: [{ containers: [{ name, resourceRequirements }] }] },
})
const ofTask = (...names: (string | undefined)[]): Partial<JobRequest> => ({
  ecsPropertiesOverride: {
    taskProperties: [{ containers: names.map((name) => (name === undefined ? {} : { name })) }],
  },
})
const ofPod = (kind: 'containers' | 'initContainers', name: string): Partial<JobRequest> => ({
  eksPropertiesOverride: { podProperties: { [kind]: [{ name }] } },
})

describe('refuseOverrides', () => {
  it.each<[JobDefinitionBody, Partial<JobRequest>, string | undefined]>([
    [single, { containerOverrides: { command: ['x'] } }, undefined],
    [single, { ecsPropertiesOverride: {}, eksPropertiesOverride: {} }, undefined],
    [single, ofTask('a'), 'ecsPropertiesOverride: the job definition has no ecsProperties'],
    [
      task,
      { containerOverrides: { command: ['x'] } },
      'containerOverrides: the job definition has no containerProperties',
    ],
    [task, { containerOverrides: {} }, undefined],
    [task, ofTask('a', 'default'), undefined],
    [task, ofTask(undefined), undefined],
    [
      task,
      ofTask('a', 'b'),
      'ecsPropertiesOverride.taskProperties[0].containers[1].name: the job definition has no container b',
    ],
    [pod, ofPod('containers', 'Default'), undefined],
    [pod, ofPod('initContainers', 'i'), undefined],
    [
      pod,
      ofPod('initContainers', 'j'),
      'eksPropertiesOverride.podProperties.initContainers[0].name: the job definition has no such container j',
    ],
    [onFargate, { containerOverrides: { resourceRequirements: sizes('0.25', '512') } }, undefined],
    [onFargate, { containerOverrides: { command: ['x'] } }, undefined],
    [
      onFargate,
      { containerOverrides: { resourceRequirements: [{ type: 'MEMORY', value: '4000' }] } },
      'containerOverrides.resourceRequirements: Fargate resource requirements (1.00 vCPU, 4000 MiB) not valid: MEMORY must be one of 2048, 3072, 4096, 5120, 6144, 7168, 8192 for 1 VCPU',
    ],
    [
      onFargate,
      { containerOverrides: { vcpus: 2 } },
      'vcpus is not applicable for Fargate. Use resource requirements instead.',
    ],
    [taskOnFargate, resized('b', sizes('0.25', '1536')), undefined],
    [
      taskOnFargate,
      resized('b', sizes('0.5', '512')),
      'ecsPropertiesOverride.taskProperties[0].containers: Fargate resource requirements (1.25 vCPU) not valid: VCPU must be one of 0.25, 0.5, 1, 2, 4, 8, 16, 32',
    ],
  ])('of %j by %j: %s', (body, members, expected) => {
    expect(refuseOverrides(body, { jobName: 'job', ...members })).toBe(expected)
  })
})
