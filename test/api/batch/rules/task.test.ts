import { describe, expect, it } from 'vitest'
import { inputSchema } from '../../../../src/api/batch/model/input-schema.ts'
import { parseInput } from '../../../../src/api/validation.ts'

const definition = (taskProperties: object[], members: object = {}) => ({
  jobDefinitionName: 'd',
  type: 'container',
  ecsProperties: { taskProperties },
  ...members,
})
const register = (input: object) => parseInput(inputSchema('RegisterJobDefinition'), input, 'ClientException')
const submit = (ecsPropertiesOverride: object) =>
  parseInput(
    inputSchema('SubmitJob'),
    { jobName: 'a', jobQueue: 'q', jobDefinition: 'd', ecsPropertiesOverride },
    'ClientException',
  )
const container = (name: string, members: object = {}) => ({ name, image: 'alpine', ...members })
const needs = (containerName: string, condition: string) => ({ dependsOn: [{ containerName, condition }] })

describe('ecsProperties of RegisterJobDefinition', () => {
  it.each<[string, object]>([
    ['one container without a name', { containers: [{ image: 'alpine' }] }],
    [
      'all members',
      {
        containers: [
          container('log', {
            essential: false,
            firelensConfiguration: { type: 'fluentbit', options: { 'enable-ecs-log-metadata': 'true' } },
          }),
          container('check', { essential: false, startTimeout: 2, ...needs('log', 'START') }),
          container('main', {
            ...needs('check', 'SUCCESS'),
            command: [''],
            environment: [{ name: 'A', value: '1' }],
            linuxParameters: {},
            logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-stream-prefix': 'p' } },
            mountPoints: [{ sourceVolume: 'shared', containerPath: '/shared' }],
            privileged: false,
            readonlyRootFilesystem: true,
            resourceRequirements: [{ type: 'MEMORY', value: '64' }],
            secrets: [],
            stopTimeout: 120,
            ulimits: [{ name: 'nofile', softLimit: 1, hardLimit: 2 }],
            user: 'nobody',
          }),
        ],
        volumes: [{ name: 'shared' }],
        executionRoleArn: 'arn:aws:iam::1:role/e',
        taskRoleArn: 'arn:aws:iam::1:role/t',
        ipcMode: 'task',
        pidMode: 'host',
        platformVersion: 'LATEST',
        enableExecuteCommand: true,
        ephemeralStorage: { sizeInGiB: 21 },
        networkConfiguration: { assignPublicIp: 'DISABLED' },
        runtimePlatform: { cpuArchitecture: 'X86_64' },
      },
    ],
    ['ten containers', { containers: [...'abcdefghij'].map((name) => container(name)) }],
  ])('accept %s as sent', (_, task) => {
    const input = definition([task])
    expect(register(input)).toEqual({ ok: true, value: input })
  })

  const at = 'ecsProperties.taskProperties[0].containers'
  it.each<[object[], string]>([
    [[], 'ecsProperties.taskProperties: must not be empty'],
    [[{ containers: [] }], `${at}: must not be empty`],
    [[{}], `${at}: required`],
    [[{ containers: [{ name: 'a' }] }], `${at}[0].image: required`],
    [
      [{ containers: [...'abcdefghijk'].map((name) => container(name)) }],
      `${at}: must have at most 10 entries`,
    ],
    [[{ containers: [container('a'), container('a')] }], `${at}[1].name: must be unique`],
    [[{ containers: [{ image: 'a' }, { image: 'a' }] }], `${at}[1].name: must be unique`],
    [[{ containers: [container('a b')] }], `${at}[0].name: must match`],
    [[{ containers: [container('a', { essential: false })] }], `${at}: must have an essential container`],
    [
      [{ containers: [container('a', needs('b', 'START'))] }],
      `${at}[0].dependsOn[0].containerName: there is no container b`,
    ],
    [
      [{ containers: [container('a'), container('b', needs('a', 'COMPLETE'))] }],
      `${at}[1].dependsOn[0].condition: COMPLETE cannot be asked of an essential container`,
    ],
    [
      [{ containers: [container('a'), container('b', needs('a', 'HEALTHY'))] }],
      `${at}[1].dependsOn[0].condition: must be one of START, COMPLETE, SUCCESS`,
    ],
    [
      [{ containers: [container('a', needs('b', 'START')), container('b', needs('a', 'START'))] }],
      `${at}[0].dependsOn: must not lead back to the container itself`,
    ],
    [
      [{ containers: [container('a', needs('a', 'START'))] }],
      `${at}[0].dependsOn: must not lead back to the container itself`,
    ],
    [[{ containers: [container('a', { startTimeout: 1 })] }], `${at}[0].startTimeout: must be at least 2`],
    [[{ containers: [container('a', { stopTimeout: 121 })] }], `${at}[0].stopTimeout: must be at most 120`],
    [
      [{ containers: [container('a', { mountPoints: [{ sourceVolume: 'v' }] })] }],
      `${at}[0].mountPoints[0].sourceVolume: must be the name of one of volumes`,
    ],
    [
      [{ containers: [container('a', { firelensConfiguration: { type: 'other' } })] }],
      `${at}[0].firelensConfiguration.type: must be one of`,
    ],
    [
      [{ containers: [container('a')], ipcMode: 'shareable' }],
      'ecsProperties.taskProperties[0].ipcMode: must be one of host, task, none',
    ],
    [
      [{ containers: [container('a')], networkMode: 'bridge' }],
      'ecsProperties.taskProperties[0].networkMode: must be one of host',
    ],
  ])('refuse %j', (tasks, message) => {
    const outcome = register(definition(tasks))
    expect(outcome).toMatchObject({ ok: false, refusal: { message: expect.stringContaining(message) } })
  })

  const role = { executionRoleArn: 'arn:aws:iam::1:role/e' }
  const sized = (name: string, vcpu: string, memory: string, members: object = {}) =>
    container(name, {
      resourceRequirements: [
        { type: 'VCPU', value: vcpu },
        { type: 'MEMORY', value: memory },
      ],
      ...members,
    })
  const onFargate = (task: object) => definition([task], { platformCapabilities: ['FARGATE'] })

  it('are together of a size that FARGATE has', () => {
    const containers = [
      sized('app', '0.75', '1920'),
      sized('log', '0.25', '128', { ulimits: [{ name: 'nofile', softLimit: 1, hardLimit: 2 }] }),
    ]
    expect(register(onFargate({ containers, ...role }))).toMatchObject({ ok: true })
  })

  const task = 'ecsProperties.taskProperties[0]'
  it.each<[object, string]>([
    [{ containers: [sized('a', '1', '2048')] }, `${task}.executionRoleArn: required for FARGATE`],
    [
      { containers: [sized('a', '1', '2048'), sized('b', '0.25', '512')], ...role },
      `${at}: Fargate resource requirements (1.25 vCPU) not valid: VCPU must be one of 0.25,`,
    ],
    [
      { containers: [sized('a', '0.25', '512'), sized('b', '0.25', '256')], ...role },
      `${at}: Fargate resource requirements (0.50 vCPU, 768 MiB) not valid: MEMORY must be one of 1024,`,
    ],
    [
      { containers: [sized('a', '1', '2048'), container('b')], ...role },
      `${at}[1].resourceRequirements: VCPU and MEMORY are required for FARGATE`,
    ],
    [
      { containers: [container('a', { resourceRequirements: [{ type: 'GPU', value: '1' }] })], ...role },
      `${at}[0].resourceRequirements: GPU is not available on FARGATE`,
    ],
    [
      { containers: [sized('a', '1', '2048', { privileged: true })], ...role },
      `${at}[0].privileged: not available on FARGATE`,
    ],
    [
      { containers: [sized('a', '1', '2048', { linuxParameters: { sharedMemorySize: 1 } })], ...role },
      `${at}[0].linuxParameters.sharedMemorySize: not available on FARGATE`,
    ],
    [
      { containers: [sized('a', '1', '2048')], ipcMode: 'task', ...role },
      `${task}.ipcMode: not available on FARGATE`,
    ],
    [
      {
        containers: [sized('a', '1', '2048')],
        volumes: [{ name: 'v', host: { sourcePath: '/data' } }],
        ...role,
      },
      `${task}.volumes[0].host.sourcePath: not available on FARGATE`,
    ],
  ])('refuse %j on FARGATE', (refused, message) => {
    const outcome = register(onFargate(refused))
    expect(outcome).toMatchObject({ ok: false, refusal: { message: expect.stringContaining(message) } })
  })
})

describe('ecsPropertiesOverride of SubmitJob', () => {
  it('is accepted as sent', () => {
    const override = { taskProperties: [{ containers: [{ name: 'a', command: ['x'], environment: [] }] }] }
    expect(submit(override)).toMatchObject({ ok: true, value: { ecsPropertiesOverride: override } })
  })

  it.each<[object, string]>([
    [{ taskProperties: [{}, {}] }, 'taskProperties: must have at most 1 entry'],
    [
      { taskProperties: [{ containers: [{ name: 'a' }, { name: 'a' }] }] },
      'must name each container only once',
    ],
    [
      { taskProperties: [{ containers: [{ name: 'a', command: [''] }] }] },
      'containers[0].command[0]: must not be empty',
    ],
  ])('is refused where it is %j', (override, message) => {
    expect(submit(override)).toMatchObject({ refusal: { message: expect.stringContaining(message) } })
  })
})
