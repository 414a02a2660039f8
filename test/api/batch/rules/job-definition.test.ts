import { describe, expect, it } from 'vitest'
import { inputSchema } from '../../../../src/api/batch/model/input-schema.ts'
import { parseInput } from '../../../../src/api/validation.ts'

const minimal = { jobDefinitionName: 'd', type: 'container', containerProperties: { image: 'alpine' } }
const parse = (changes: object) =>
  parseInput(inputSchema('RegisterJobDefinition'), { ...minimal, ...changes }, 'ClientException')
const container = (members: object) => ({ containerProperties: { image: 'alpine', ...members } })

const everyMember = {
  image: '123456789012.dkr.ecr.eu-central-1.amazonaws.com/a_b/c@sha256:00ff',
  command: ['sh', '-c', 'Ref::x'],
  jobRoleArn: 'arn:aws:iam::123456789012:role/r',
  executionRoleArn: '',
  volumes: [{ name: 'scratch', host: { sourcePath: '/tmp' } }, { name: 'empty', host: {} }, {}],
  environment: [{ name: 'A', value: '' }],
  mountPoints: [{ containerPath: '/scratch', readOnly: false, sourceVolume: 'scratch' }],
  readonlyRootFilesystem: false,
  privileged: false,
  ulimits: [{ name: 'nofile', softLimit: 1, hardLimit: -1 }],
  user: 'nobody',
  instanceType: '',
  resourceRequirements: [
    { type: 'VCPU', value: '0.25' },
    { type: 'MEMORY', value: '4' },
  ],
  linuxParameters: {
    devices: [{ hostPath: '/dev/fuse', permissions: ['READ', 'MKNOD'] }],
    initProcessEnabled: true,
    sharedMemorySize: 64,
    tmpfs: [{ containerPath: '/t', size: 1, mountOptions: [] }],
    maxSwap: 0,
    swappiness: 100,
  },
  logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': 'g' }, secretOptions: [] },
  secrets: [],
  networkConfiguration: { assignPublicIp: 'DISABLED' },
  fargatePlatformConfiguration: { platformVersion: 'LATEST' },
  enableExecuteCommand: false,
  ephemeralStorage: { sizeInGiB: 21 },
  runtimePlatform: { operatingSystemFamily: 'LINUX', cpuArchitecture: 'ARM64' },
  vcpus: 1,
  memory: 128,
}

describe('the input of RegisterJobDefinition', () => {
  it.each<[string, object]>([
    ['the least', {}],
    [
      'every member',
      {
        containerProperties: everyMember,
        parameters: { unused: 'x' },
        schedulingPriority: 9999,
        propagateTags: false,
        tags: {},
        timeout: { attemptDurationSeconds: 60 },
        platformCapabilities: ['EC2'],
      },
    ],
    [
      'empty structures',
      container({
        linuxParameters: {},
        command: [],
        volumes: [],
        mountPoints: [],
        ulimits: [],
        resourceRequirements: [],
      }),
    ],
    ['a Fargate container', { platformCapabilities: ['FARGATE'], ...fargate({}) }],
  ])('accepts %s as sent', (_, changes) => {
    expect(parse(changes)).toEqual({ ok: true, value: { ...minimal, ...changes } })
  })

  it.each<[object, string]>([
    [{ jobDefinitionName: 'a b' }, 'jobDefinitionName: must match ^[a-zA-Z0-9_-]{1,128}$'],
    [{ jobDefinitionName: 'a'.repeat(129) }, 'jobDefinitionName: must match'],
    [{ type: 'Container' }, 'type: must be one of container, multinode'],
    [{ type: 'multinode' }, 'nodeProperties: required for type multinode'],
    [{ containerProperties: undefined }, 'containerProperties: required'],
    [
      { ecsProperties: { taskProperties: [{ containers: [{ image: 'a' }] }] } },
      'ecsProperties: cannot be combined with containerProperties',
    ],
    [
      { eksProperties: { podProperties: { containers: [{ image: 'a' }] } } },
      'eksProperties: cannot be combined with containerProperties',
    ],
    [
      { consumableResourceProperties: { consumableResourceList: [{ quantity: 1 }] } },
      'consumableResourceProperties.consumableResourceList[0].consumableResource: required',
    ],
    [
      {
        consumableResourceProperties: { consumableResourceList: [{ consumableResource: 'a', quantity: 0 }] },
      },
      'consumableResourceProperties.consumableResourceList[0].quantity: must be at least 1',
    ],
    [{ schedulingPriority: 10_000 }, 'schedulingPriority: must be at most 9999'],
    [{ platformCapabilities: ['GCP'] }, 'platformCapabilities[0]: must be one of'],
    [{ platformCapabilities: ['MANAGED_INSTANCES'] }, 'ecsProperties: required for MANAGED_INSTANCES'],
    [{ containerProperties: {} }, 'containerProperties.image: required'],
    [container({ image: 'a b' }), 'containerProperties.image: must match'],
    [container({ image: 'a'.repeat(256) }), 'containerProperties.image: must be at most 255 characters long'],
    [container({ privileged: 'no' }), 'containerProperties.privileged: must be a boolean'],
    [
      container({ ulimits: [{ name: 'files', softLimit: 1, hardLimit: 1 }] }),
      'containerProperties.ulimits[0].name: must be one of',
    ],
    [
      container({ ulimits: [{ name: 'core', softLimit: 1 }] }),
      'containerProperties.ulimits[0].hardLimit: required',
    ],
    [
      container({ mountPoints: [{ sourceVolume: 'x' }] }),
      'containerProperties.mountPoints[0].sourceVolume: must be the name of one of volumes',
    ],
    [
      container({ logConfiguration: { logDriver: 'printer' } }),
      'containerProperties.logConfiguration.logDriver: must be one of awsfirelens, awslogs',
    ],
    [
      container({ linuxParameters: { swappiness: 101 } }),
      'containerProperties.linuxParameters.swappiness: must be at most 100',
    ],
    [
      container({ linuxParameters: { devices: [{}] } }),
      'containerProperties.linuxParameters.devices[0].hostPath: required',
    ],
    [
      container({ ephemeralStorage: { sizeInGiB: 20 } }),
      'containerProperties.ephemeralStorage.sizeInGiB: must be at least 21',
    ],
    [
      container({ runtimePlatform: { cpuArchitecture: 'RISCV' } }),
      'containerProperties.runtimePlatform.cpuArchitecture: must be one of X86_64, ARM64',
    ],
    [{ platformCapabilities: ['FARGATE'] }, 'containerProperties.executionRoleArn: required for FARGATE'],
    [
      { platformCapabilities: ['FARGATE'], ...fargate({ resourceRequirements: [] }) },
      'containerProperties.resourceRequirements: VCPU and MEMORY are required for FARGATE',
    ],
    [
      { platformCapabilities: ['FARGATE'], ...fargate({ resourceRequirements: sized('3', '4096') }) },
      'containerProperties.resourceRequirements: Fargate resource requirements (3.00 vCPU) not valid: VCPU must be one of 0.25, 0.5, 1, 2, 4, 8, 16, 32',
    ],
    [
      { platformCapabilities: ['FARGATE'], ...fargate({ resourceRequirements: sized('0.25', '4096') }) },
      'containerProperties.resourceRequirements: Fargate resource requirements (0.25 vCPU, 4096 MiB) not valid: MEMORY must be one of 512, 1024, 2048 for 0.25 VCPU',
    ],
    [
      { platformCapabilities: ['FARGATE'], ...fargate({ privileged: true }) },
      'containerProperties.privileged: not available on FARGATE',
    ],
    [
      { platformCapabilities: ['FARGATE'], ...fargate({ linuxParameters: { maxSwap: 1 } }) },
      'containerProperties.linuxParameters.maxSwap: not available on FARGATE',
    ],
    [
      {
        platformCapabilities: ['FARGATE'],
        ...fargate({ volumes: [{ name: 'v', host: { sourcePath: '/data' } }] }),
      },
      'containerProperties.volumes[0].host.sourcePath: not available on FARGATE',
    ],
  ])('refuses %j', (changes, message) => {
    expect(parse(changes)).toEqual({
      ok: false,
      refusal: { code: 'ClientException', message: expect.stringContaining(message) },
    })
  })
})

function fargate(members: object) {
  return container({ executionRoleArn: 'arn', resourceRequirements: sized('0.25', '512'), ...members })
}

function sized(vcpu: string, memory: string) {
  return [
    { type: 'VCPU', value: vcpu },
    { type: 'MEMORY', value: memory },
  ]
}

describe('the input of DescribeJobDefinitions', () => {
  it.each<[object, string | undefined]>([
    [{}, undefined],
    [{ jobDefinitions: [], jobDefinitionName: 'd', status: 'ACTIVE' }, undefined],
    [{ jobDefinitions: ['d:1'], maxResults: 100, nextToken: '' }, undefined],
    [
      { jobDefinitions: ['d:1'], status: 'ACTIVE' },
      'jobDefinitions: cannot be combined with jobDefinitionName or status',
    ],
    [{ jobDefinitions: Array(101).fill('d') }, 'jobDefinitions: must have at most 100 entries'],
    [{ status: 'active' }, 'status: must be one of ACTIVE, INACTIVE'],
    [{ maxResults: 0 }, 'maxResults: must be at least 1'],
  ])('judges %j', (input, message) => {
    const parsed = parseInput(inputSchema('DescribeJobDefinitions'), input, 'ClientException')
    expect(parsed.ok ? undefined : parsed.refusal.message).toBe(message)
  })
})
