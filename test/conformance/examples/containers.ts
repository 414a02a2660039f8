import type {
  ContainerProperties,
  EcsTaskProperties,
  EksPodProperties,
  RetryStrategy,
} from '@aws-sdk/client-batch'

/** Bodies of job definitions in which every member is set that such a body can have. */

export const retryStrategy: RetryStrategy = {
  attempts: 3,
  evaluateOnExit: [
    { action: 'RETRY', onStatusReason: 'Host EC2*', onReason: 'a reason*', onExitCode: '13*' },
    { action: 'exit' as 'EXIT', onReason: '*' },
  ],
}

const volumes = [
  { name: 'scratch', host: {} },
  { name: 'data', host: { sourcePath: '/data' } },
  {
    name: 'shared',
    efsVolumeConfiguration: {
      fileSystemId: 'fs-12345678',
      rootDirectory: '/',
      transitEncryption: 'ENABLED' as const,
      transitEncryptionPort: 2049,
      authorizationConfig: { accessPointId: 'fsap-1234', iam: 'ENABLED' as const },
    },
  },
  {
    name: 'objects',
    s3filesVolumeConfiguration: {
      fileSystemArn: 'arn:aws:s3files:us-east-1:000000000000:file-system/fs-1',
      rootDirectory: '/',
      transitEncryptionPort: 2050,
      accessPointArn: 'arn:aws:s3files:us-east-1:000000000000:access-point/ap-1',
    },
  },
]
const mountPoints = [
  { sourceVolume: 'scratch', containerPath: '/scratch', readOnly: false },
  { sourceVolume: 'data', containerPath: '/data', readOnly: true },
]
const environment = [
  { name: 'COLOUR', value: 'blue' },
  { name: 'EMPTY', value: '' },
]
const linuxParameters = {
  devices: [
    {
      hostPath: '/dev/null',
      containerPath: '/dev/nothing',
      permissions: ['READ' as const, 'WRITE' as const],
    },
  ],
  initProcessEnabled: true,
  sharedMemorySize: 64,
  tmpfs: [{ containerPath: '/tmp/fast', size: 32, mountOptions: ['noexec'] }],
  maxSwap: 128,
  swappiness: 10,
}
const logConfiguration = {
  logDriver: 'awslogs' as const,
  options: { 'awslogs-group': '/aws/batch/job', 'awslogs-stream-prefix': 'prefix' },
  secretOptions: [
    { name: 'token', valueFrom: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:log-token' },
  ],
}
const secrets = [{ name: 'PASSWORD', valueFrom: 'arn:aws:ssm:us-east-1:000000000000:parameter/password' }]
const repositoryCredentials = {
  credentialsParameter: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:registry',
}
const ulimits = [{ name: 'nofile', softLimit: 1024, hardLimit: 4096 }]
const role = 'arn:aws:iam::000000000000:role/batch'

export const fullContainer: ContainerProperties = {
  image: 'public.ecr.aws/docker/library/busybox:latest',
  command: ['echo', 'Ref::greeting', ''],
  jobRoleArn: role,
  executionRoleArn: role,
  volumes,
  environment,
  mountPoints,
  readonlyRootFilesystem: true,
  privileged: false,
  ulimits,
  user: 'nobody',
  resourceRequirements: [
    { type: 'VCPU', value: '0.25' },
    { type: 'MEMORY', value: '128' },
    { type: 'GPU', value: '1' },
  ],
  linuxParameters,
  logConfiguration,
  secrets,
  enableExecuteCommand: false,
  runtimePlatform: { operatingSystemFamily: 'LINUX', cpuArchitecture: 'X86_64' },
  repositoryCredentials,
}

export const fargateContainer: ContainerProperties = {
  image: 'busybox',
  command: ['true'],
  executionRoleArn: role,
  resourceRequirements: [
    { type: 'VCPU', value: '0.5' },
    { type: 'MEMORY', value: '1024' },
  ],
  networkConfiguration: { assignPublicIp: 'ENABLED' },
  fargatePlatformConfiguration: { platformVersion: 'LATEST' },
  ephemeralStorage: { sizeInGiB: 30 },
  runtimePlatform: { operatingSystemFamily: 'LINUX', cpuArchitecture: 'ARM64' },
}

/** Its containers are together one of Fargate's sizes; neither is alone. */
export const fargateTask: EcsTaskProperties = {
  executionRoleArn: role,
  containers: [
    {
      name: 'main',
      image: 'busybox',
      resourceRequirements: [
        { type: 'VCPU', value: '0.75' },
        { type: 'MEMORY', value: '1920' },
      ],
    },
    {
      name: 'log',
      image: 'busybox',
      essential: false,
      resourceRequirements: [
        { type: 'VCPU', value: '0.25' },
        { type: 'MEMORY', value: '128' },
      ],
    },
  ],
}

/** As old clients send it. */
export const deprecatedContainer: ContainerProperties = {
  image: 'busybox',
  vcpus: 1,
  memory: 128,
  command: [],
  environment: [],
  mountPoints: [],
  volumes: [],
  ulimits: [],
  linuxParameters: {},
}

export const fullTask: EcsTaskProperties = {
  containers: [
    {
      name: 'prepare',
      image: 'busybox',
      command: ['echo', 'Ref::greeting'],
      essential: false,
      environment,
      resourceRequirements: [
        { type: 'VCPU', value: '0.5' },
        { type: 'MEMORY', value: '64' },
      ],
      linuxParameters,
      logConfiguration,
      mountPoints,
      privileged: false,
      readonlyRootFilesystem: true,
      repositoryCredentials,
      secrets,
      ulimits,
      user: 'nobody',
      startTimeout: 60,
      stopTimeout: 10,
    },
    {
      name: 'main',
      image: 'busybox',
      essential: true,
      dependsOn: [{ containerName: 'prepare', condition: 'SUCCESS' }],
      firelensConfiguration: { type: 'fluentbit', options: { 'enable-ecs-log-metadata': 'true' } },
      resourceRequirements: [{ type: 'MEMORY', value: '64' }],
    },
  ],
  executionRoleArn: role,
  taskRoleArn: role,
  ipcMode: 'task',
  pidMode: 'task',
  platformVersion: 'LATEST',
  networkConfiguration: { assignPublicIp: 'DISABLED' },
  runtimePlatform: { operatingSystemFamily: 'LINUX', cpuArchitecture: 'X86_64' },
  volumes,
  enableExecuteCommand: false,
  ephemeralStorage: { sizeInGiB: 21 },
}

const eksContainer = {
  image: 'busybox',
  imagePullPolicy: 'IfNotPresent',
  command: ['sh'],
  args: ['-c', 'echo Ref::greeting'],
  env: [{ name: 'COLOUR', value: 'blue' }],
  resources: {
    limits: { memory: '128Mi', cpu: '1', 'nvidia.com/gpu': '1' },
    requests: { memory: '128Mi', cpu: '0.25', 'nvidia.com/gpu': '1' },
  },
  volumeMounts: [{ name: 'scratch', mountPath: '/scratch', subPath: 'here', readOnly: true }],
  securityContext: {
    runAsUser: 1000,
    runAsGroup: 1000,
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
  },
}

export const fullPod: EksPodProperties = {
  serviceAccountName: 'batch',
  hostNetwork: false,
  dnsPolicy: 'ClusterFirst',
  imagePullSecrets: [{ name: 'registry' }],
  containers: [{ ...eksContainer, name: 'Default' }],
  initContainers: [{ ...eksContainer, name: 'init' }],
  volumes: [
    { name: 'scratch', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
    { name: 'host', hostPath: { path: '/data' } },
    { name: 'hidden', secret: { secretName: 'password', optional: true } },
    { name: 'claimed', persistentVolumeClaim: { claimName: 'claim', readOnly: true } },
  ],
  metadata: { labels: { team: 'a' }, annotations: { note: 'b' }, namespace: 'batch' },
  shareProcessNamespace: true,
}
