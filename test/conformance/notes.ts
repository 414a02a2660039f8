/**
 * What docs/compatibility.md says of members beyond «works», which is what it says of a member that the conformance suite
 * sends or receives.
 */
export type MemberNote = {
  /** kept: accepted, stored and described back, nothing acts upon it. refused: by name. unanswered: an output never has it. */
  status: 'kept' | 'refused' | 'unanswered'
  note: string
}

const eks = 'running on Kubernetes comes later; a job that needs it says so in its reason'
const provider = 'kept until the adapter of that provider launches capacity'
const fileSystem =
  'a job that mounts one waits and says so: mount it on the host and name its path in host.sourcePath'
const noSecretStore = 'a job that has some waits and says so: there is no secret store yet'
const noRoles = 'roles come with IAM'
const noErrors = 'every id of the list is taken, so that there are no errors to tell'
const noInterface = 'hosts that people bring have no elastic network interfaces'
const services = 'service environments and quota shares come later'

function kept(note: string): MemberNote {
  return { status: 'kept', note }
}

function unanswered(note: string): MemberNote {
  return { status: 'unanswered', note }
}

/** Of inputs, by `Structure.member`. */
export const inputNotes: Readonly<Record<string, MemberNote>> = {
  'CreateJobQueueRequest.serviceEnvironmentOrder': { status: 'refused', note: services },
  'UpdateJobQueueRequest.serviceEnvironmentOrder': { status: 'refused', note: services },
  'Volume.efsVolumeConfiguration': kept(fileSystem),
  'Volume.s3filesVolumeConfiguration': kept(fileSystem),
  'ContainerProperties.secrets': kept(noSecretStore),
  'TaskContainerProperties.secrets': kept(noSecretStore),
  'ContainerProperties.repositoryCredentials': kept(noSecretStore),
  'TaskContainerProperties.repositoryCredentials': kept(noSecretStore),
  'LogConfiguration.logDriver': kept('output goes to the log store of Longshore, whatever the driver'),
  'LogConfiguration.secretOptions': kept('there is no log driver to give them to'),
  'TaskContainerProperties.firelensConfiguration': kept('output goes to the log store of Longshore'),
  'EcsTaskProperties.ipcMode': kept('containers of a task share a network, not IPC'),
  'EcsTaskProperties.pidMode': kept('containers of a task share a network, not processes'),
  'ContainerProperties.jobRoleArn': kept(noRoles),
  'ContainerProperties.executionRoleArn': kept(noRoles),
  'EcsTaskProperties.taskRoleArn': kept(noRoles),
  'EcsTaskProperties.executionRoleArn': kept(noRoles),
  'CreateComputeEnvironmentRequest.serviceRole': kept(noRoles),
  'UpdateComputeEnvironmentRequest.serviceRole': kept(noRoles),
  'ContainerProperties.instanceType': kept(provider),
  'NodeRangeProperty.instanceTypes': kept(provider),
  'NodePropertyOverride.instanceTypes': kept(provider),
  'ContainerProperties.enableExecuteCommand': kept('there is no ECS Exec'),
  'EcsTaskProperties.enableExecuteCommand': kept('there is no ECS Exec'),
  'CreateSchedulingPolicyRequest.quotaSharePolicy': { status: 'refused', note: services },
  'UpdateSchedulingPolicyRequest.quotaSharePolicy': { status: 'refused', note: services },
}

const podEnds = (structure: string, members: string) =>
  members.split(' ').map((member) => [`${structure}.${member}`, unanswered(eks)] as const)

/** Of outputs, by `Structure.member`. */
export const outputNotes: Readonly<Record<string, MemberNote>> = {
  'JobQueueDetail.serviceEnvironmentOrder': unanswered(services),
  'SchedulingPolicyDetail.quotaSharePolicy': unanswered(services),
  'GetJobQueueSnapshotResponse.frontOfQuotaShares': unanswered(services),
  'QueueSnapshotUtilizationDetail.quotaShareUtilization': unanswered(services),
  'NetworkInterface.attachmentId': unanswered(noInterface),
  'NetworkInterface.ipv6Address': unanswered(noInterface),
  'JobSummary.scheduledAt': unanswered('the time of SCHEDULED, a state that only service jobs have'),
  ...Object.fromEntries([
    ...['CancelJobsErrorDetail', 'TerminateJobsErrorDetail'].flatMap((structure) =>
      ['job', 'code', 'message'].map((member) => [`${structure}.${member}`, unanswered(noErrors)] as const),
    ),
    ...podEnds('EksContainerDetail', 'exitCode reason'),
    ...podEnds('EksPodPropertiesDetail', 'podName nodeName'),
    ...podEnds(
      'EksAttemptDetail',
      'containers initContainers eksClusterArn podName podNamespace nodeName startedAt stoppedAt statusReason',
    ),
    ...podEnds('EksAttemptContainerDetail', 'name containerID exitCode reason'),
  ]),
}

/** Structures that nothing acts upon yet, whole: the reason stands for each of their members. */
export const keptStructures: Readonly<Record<string, string>> = {
  FairsharePolicy: 'jobs need a share and are described with it; the order by shares comes later',
  ShareAttributes: 'as FairsharePolicy',
  ComputeResource: provider,
  ComputeResourceUpdate: provider,
  EcsSettings: 'there is no Container Insights',
  UpdatePolicy: provider,
  NetworkConfiguration: provider,
  FargatePlatformConfiguration: provider,
  EphemeralStorage: provider,
  RuntimePlatform: provider,
  EksConfiguration: eks,
  EksProperties: eks,
  EksPropertiesOverride: eks,
}
