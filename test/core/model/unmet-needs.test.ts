import { describe, expect, it } from 'vitest'
import type { ContainerProperties, JobDefinitionBody } from '../../../src/core/model/job-definition.ts'
import { unmetNeed } from '../../../src/core/model/unmet-needs.ts'

const secrets = [{ name: 'PASSWORD', valueFrom: 'parameter' }]
const volumes = [{ name: 'shared', efsVolumeConfiguration: { fileSystemId: 'fs-1' } }]
const mounted = [{ sourceVolume: 'shared', containerPath: '/shared' }]
const single = (container: ContainerProperties): JobDefinitionBody => ({
  type: 'container',
  containerProperties: { image: 'a', ...container },
})
const task = (container: object, volumes: object[] = []): JobDefinitionBody => ({
  type: 'container',
  ecsProperties: { taskProperties: [{ containers: [{ image: 'a', ...container }], volumes }] },
})

describe('unmetNeed', () => {
  it.each<[string, JobDefinitionBody, string]>([
    ['secrets', single({ secrets }), 'secrets (PASSWORD)'],
    [
      'credentials',
      single({ repositoryCredentials: { credentialsParameter: 'p' } }),
      'repositoryCredentials',
    ],
    ['a file system', single({ volumes, mountPoints: mounted }), 'AWS file system (shared)'],
    ['secrets of a task', task({ secrets }), 'secrets (PASSWORD)'],
    ['a file system of a task', task({ mountPoints: mounted }, volumes), 'AWS file system (shared)'],
    [
      'secrets of some nodes',
      {
        type: 'multinode',
        nodeProperties: {
          numNodes: 2,
          mainNode: 0,
          nodeRangeProperties: [
            { targetNodes: '0', container: { image: 'a' } },
            { targetNodes: '1', container: { image: 'a', secrets } },
          ],
        },
      },
      'secrets (PASSWORD)',
    ],
    ['a pod', { type: 'container', eksProperties: { podProperties: {} } }, 'Kubernetes'],
  ])('names %s', (_, body, says) => {
    expect(unmetNeed(body)).toMatch(/^MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - This job /)
    expect(unmetNeed(body)).toContain(says)
  })

  it.each<[string, JobDefinitionBody]>([
    ['a plain container', single({})],
    ['a file system that nothing mounts', single({ volumes })],
    ['empty lists', single({ secrets: [], mountPoints: [], volumes: [] })],
  ])('finds nothing in %s', (_, body) => {
    expect(unmetNeed(body)).toBeUndefined()
  })
})
