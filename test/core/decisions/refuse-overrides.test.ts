import { describe, expect, it } from 'vitest'
import { refuseOverrides } from '../../../src/core/decisions/refuse-overrides.ts'
import type { JobRequest } from '../../../src/core/model/job.ts'
import type { JobDefinitionBody } from '../../../src/core/model/job-definition.ts'

const single: JobDefinitionBody = { type: 'container', containerProperties: { image: 'a' } }
const task: JobDefinitionBody = {
  type: 'container',
  ecsProperties: { taskProperties: [{ containers: [{ name: 'a', image: 'a' }, { image: 'b' }] }] },
}
const pod: JobDefinitionBody = {
  type: 'container',
  eksProperties: { podProperties: { containers: [{ image: 'a' }], initContainers: [{ name: 'i' }] } },
}
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
  ])('of %j by %j: %s', (body, members, expected) => {
    expect(refuseOverrides(body, { jobName: 'job', ...members })).toBe(expected)
  })
})
