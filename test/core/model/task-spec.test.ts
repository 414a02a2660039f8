import { describe, expect, it } from 'vitest'
import type { EcsPropertiesOverride } from '../../../src/core/model/job.ts'
import type { JobDefinition, TaskContainerProperties } from '../../../src/core/model/job-definition.ts'
import { taskSpec, taskSpecOf } from '../../../src/core/model/task-spec.ts'
import { aDefinition } from '../../support/builders.ts'

function ofContainers(...containers: TaskContainerProperties[]): JobDefinition {
  const { containerProperties: _, ...body } = aDefinition().body
  return aDefinition({
    ...body,
    containerProperties: undefined as never,
    ecsProperties: { taskProperties: [{ containers, volumes: [{ name: 'shared' }] }] },
  })
}

const resources = (vcpus: string, memoryMiB: string) => [
  { type: 'VCPU' as const, value: vcpus },
  { type: 'MEMORY' as const, value: memoryMiB },
]

describe('taskSpec of containerProperties', () => {
  it('holds what a host needs and no more', () => {
    const definition = aDefinition({
      timeout: { attemptDurationSeconds: 60 },
      parameters: { who: 'me' },
      containerProperties: {
        image: 'busybox',
        command: ['echo', 'Ref::who'],
        jobRoleArn: 'arn:aws:iam::1:role/r',
        user: 'nobody',
        resourceRequirements: [{ type: 'VCPU', value: '2' }],
      },
    })
    expect(taskSpec(definition, { jobName: 'job' })).toEqual({
      containers: [
        {
          name: 'default',
          essential: true,
          image: 'busybox',
          command: ['echo', 'me'],
          environment: [],
          resources: { cpuMilli: 2000, memoryMiB: 2048, gpuMilli: 0, diskMiB: 0 },
          user: 'nobody',
          stopTimeoutSeconds: 30,
          logGroup: '/aws/batch/job',
          logStreamPrefix: 'definition/default',
        },
      ],
      resources: { cpuMilli: 2000, memoryMiB: 2048, gpuMilli: 0, diskMiB: 0 },
      timeoutSeconds: 60,
    })
  })

  it('prefers the job’s timeout, and the log group and stream prefix its definition names', () => {
    const definition = aDefinition({
      timeout: { attemptDurationSeconds: 60 },
      containerProperties: {
        logConfiguration: {
          logDriver: 'awslogs',
          options: { 'awslogs-group': '/mine', 'awslogs-stream-prefix': 'mine' },
        },
      },
    })
    const request = { jobName: 'job', timeout: { attemptDurationSeconds: 90 } }
    expect(taskSpec(definition, request)).toMatchObject({
      timeoutSeconds: 90,
      containers: [{ logGroup: '/mine', logStreamPrefix: 'mine/default' }],
    })
  })

  it('takes the disk, the kind of host and the part of a GPU that the job asks for', () => {
    const definition = aDefinition({
      placementConstraints: { gpuModels: ['Tesla T4'] },
      containerProperties: {
        ephemeralStorage: { sizeInGiB: 30 },
        runtimePlatform: { cpuArchitecture: 'ARM64' },
        resourceRequirements: [{ type: 'GPU', value: '0.25' }],
      },
    })
    const spec = taskSpec(definition, { jobName: 'job', placementConstraints: { labels: { rack: '7' } } })
    expect(spec.resources).toMatchObject({ diskMiB: 30_720, gpuMilli: 250 })
    expect(spec.constraints).toEqual({
      architecture: 'ARM64',
      gpuModels: ['Tesla T4'],
      labels: { rack: '7' },
    })
  })

  it('cuts a long definition name in the stream’s', () => {
    const definition = aDefinition({}, 'n'.repeat(300))
    expect(taskSpec(definition, { jobName: 'job' }).containers[0]?.logStreamPrefix).toBe(
      `${'n'.repeat(200)}/default`,
    )
  })
})

describe('taskSpec of ecsProperties', () => {
  const definition = ofContainers(
    { name: 'prepare', image: 'a', essential: false, command: ['fetch', 'Ref::input'], stopTimeout: 5 },
    {
      name: 'main',
      image: 'b',
      environment: [{ name: 'A', value: '1' }],
      dependsOn: [{ containerName: 'prepare', condition: 'SUCCESS' }],
      startTimeout: 120,
      mountPoints: [{ sourceVolume: 'shared', containerPath: '/shared' }],
      resourceRequirements: resources('2', '512'),
    },
  )
  const parameters = { input: 'x' }

  it('has a spec for each container and takes what all of them need together', () => {
    expect(taskSpec(definition, { jobName: 'job', parameters })).toEqual({
      containers: [
        {
          name: 'prepare',
          essential: false,
          stopTimeoutSeconds: 5,
          image: 'a',
          command: ['fetch', 'x'],
          environment: [],
          resources: { cpuMilli: 1000, memoryMiB: 2048, gpuMilli: 0, diskMiB: 0 },
          logGroup: '/aws/batch/job',
          logStreamPrefix: 'definition/prepare',
        },
        {
          name: 'main',
          essential: true,
          dependsOn: [{ container: 'prepare', condition: 'SUCCESS' }],
          startTimeoutSeconds: 120,
          stopTimeoutSeconds: 30,
          image: 'b',
          command: [],
          environment: [{ name: 'A', value: '1' }],
          resources: { cpuMilli: 2000, memoryMiB: 512, gpuMilli: 0, diskMiB: 0 },
          mountPoints: [{ sourceVolume: 'shared', containerPath: '/shared' }],
          logGroup: '/aws/batch/job',
          logStreamPrefix: 'definition/main',
        },
      ],
      volumes: [{ name: 'shared' }],
      resources: { cpuMilli: 3000, memoryMiB: 2560, gpuMilli: 0, diskMiB: 0 },
    })
  })

  it('merges overrides into the containers they name', () => {
    const ecsPropertiesOverride: EcsPropertiesOverride = {
      taskProperties: [
        {
          containers: [
            {
              name: 'main',
              command: ['run', 'Ref::input'],
              environment: [{ name: 'B', value: '2' }],
              resourceRequirements: [{ type: 'VCPU', value: '4' }],
            },
          ],
        },
      ],
    }
    const { containers } = taskSpec(definition, { jobName: 'job', parameters, ecsPropertiesOverride })
    expect(containers[0]?.command).toEqual(['fetch', 'x'])
    expect(containers[1]).toMatchObject({
      command: ['run', 'x'],
      environment: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
      resources: { cpuMilli: 4000, memoryMiB: 512, gpuMilli: 0, diskMiB: 0 },
    })
  })

  it('can be had of any body', () => {
    const body = { containerProperties: { image: 'i', command: ['Ref::a'] } }
    const overrides = { containerOverrides: { environment: [{ name: 'A', value: '1' }] } }
    const context = { definitionName: 'd', parameters: { a: 'b' }, timeoutSeconds: 70 }
    expect(taskSpecOf(body, overrides, context)).toMatchObject({
      containers: [{ command: ['b'], environment: [{ name: 'A', value: '1' }] }],
      timeoutSeconds: 70,
    })
  })
})
