import type { SignatureChanges, Signer } from './api-requests.ts'

/** Who a request claims to be: signed with the admin's key (and what is wrong about that), or a bearer token. */
export type Sender =
  | { by: 'signature'; signer?: Partial<Signer>; changes?: SignatureChanges }
  | { by: 'header'; authorization: string }
  | { by: 'agent' | 'nobody' | 'admin' }

/** A request that must be refused, and how. `says` is a part of its text. */
export type BadRequest = {
  path: string
  body: string
  target?: string
  sender: Sender
  status: number
  code: string
  says: string
}

const admin: Sender = { by: 'admin' }

/** A Batch operation with an input that breaks a rule. */
export function refusedInput(operation: string, input: unknown, says: string): BadRequest {
  const body = typeof input === 'string' ? input : JSON.stringify(input)
  return { path: `/v1/${operation}`, body, sender: admin, status: 400, code: 'ClientException', says }
}

/** A good DescribeJobs whose sender is not who it should be. */
export function refusedSender(sender: Sender, code: string, says: string): BadRequest {
  return { path: '/v1/describejobs', body: '{"jobs":[]}', sender, status: 403, code, says }
}

/** A CloudWatch Logs operation that is refused. */
export function refusedLogs(
  operation: string,
  input: unknown,
  code: string,
  says: string,
  sender = admin,
): BadRequest {
  const body = typeof input === 'string' ? input : JSON.stringify(input)
  return { path: '/', target: `Logs_20140328.${operation}`, body, sender, status: 400, code, says }
}

/** What the server holds before the first bad request. */
export const known = { environment: 'unhosted', queue: 'patient', definition: 'sleeper' }

const job = { jobName: 'j', jobQueue: known.queue, jobDefinition: known.definition }
const submit = (changes: object, says: string) => refusedInput('submitjob', { ...job, ...changes }, says)
const definition = { jobDefinitionName: 'd', type: 'container', containerProperties: { image: 'a' } }
const register = (changes: object, says: string) =>
  refusedInput('registerjobdefinition', { ...definition, ...changes }, says)
const queue = {
  jobQueueName: 'q',
  priority: 1,
  computeEnvironmentOrder: [{ order: 1, computeEnvironment: known.environment }],
}
const create = (changes: object, says: string) =>
  refusedInput('createjobqueue', { ...queue, ...changes }, says)
const environment = { computeEnvironmentName: 'e', type: 'UNMANAGED' }
const found = (changes: object, says: string) =>
  refusedInput('createcomputeenvironment', { ...environment, ...changes }, says)

const tenMegabytes = 'x'.repeat(10_000_000)
const minuteMs = 60_000
const elsewhere = 'arn:aws:batch:us-east-1:999999999999:job-queue/patient'
const noJob = '00000000-0000-4000-8000-000000000000'

/** Requests whose body or input is wrong. */
export const badInputs: [string, BadRequest][] = [
  ['broken JSON', refusedInput('submitjob', '{"jobName": "j"', 'must be JSON')],
  ['JSON that is no object', refusedInput('submitjob', '["j"]', 'request body: must be an object')],
  ['a JSON null', refusedInput('submitjob', 'null', 'request body')],
  ['an empty body', refusedInput('submitjob', '', 'jobName: required')],
  ['10 MB of SubmitJob', submit({ parameters: { a: tenMegabytes } }, 'at most 131072 bytes')],
  ['10 MB of DescribeJobs', refusedInput('describejobs', { jobs: [tenMegabytes] }, 'at most 1048576 bytes')],
  [
    'an operation not implemented',
    refusedInput('createquotashare', {}, 'CreateQuotaShare is not implemented'),
  ],
  ['no name', submit({ jobName: undefined }, 'jobName: required')],
  ['a number as a name', submit({ jobName: 7 }, 'jobName: must be a string')],
  ['a name too long', submit({ jobName: 'j'.repeat(129) }, 'jobName: Job name should match valid pattern')],
  ['an unknown queue', submit({ jobQueue: 'nowhere' }, 'does not exist')],
  ["another account's queue", submit({ jobQueue: elsewhere }, 'does not exist')],
  ['an unknown definition', submit({ jobDefinition: 'nothing' }, 'nothing does not exist')],
  ['an unknown revision', submit({ jobDefinition: `${known.definition}:99` }, 'does not exist')],
  ['a malformed definition', submit({ jobDefinition: 'a b' }, 'jobDefinition')],
  ['a dependency on an invented job', submit({ dependsOn: [{ jobId: noJob }] }, 'dependsOn')],
  ['a dependency on no job id', submit({ dependsOn: [{ jobId: 'x' }] }, 'dependsOn')],
  ['a dependency of no kind', submit({ dependsOn: [{}] }, 'dependsOn')],
  [
    'an unknown dependency type',
    submit({ dependsOn: [{ type: 'ALL' }] }, 'dependsOn[0].type: must be one of'),
  ],
  ['SEQUENTIAL without an array', submit({ dependsOn: [{ type: 'SEQUENTIAL' }] }, 'SEQUENTIAL')],
  ['an array of one', submit({ arrayProperties: { size: 1 } }, 'arrayProperties.size: must be at least 2')],
  ['an array too large', submit({ arrayProperties: { size: 2e9 } }, 'arrayProperties.size: must be at most')],
  ['a negative array', submit({ arrayProperties: { size: -5 } }, 'arrayProperties.size: must be at least 2')],
  ['no attempt', submit({ retryStrategy: { attempts: 0 } }, 'retryStrategy.attempts: must be at least 1')],
  ['a timeout too short', submit({ timeout: { attemptDurationSeconds: 59 } }, 'attemptDurationSeconds')],
  ['a huge number', submit({ timeout: { attemptDurationSeconds: 1e300 } }, 'attemptDurationSeconds')],
  ['a share without a policy', submit({ shareIdentifier: 'red' }, 'shareIdentifier')],
  [
    'a parameter that nobody gives',
    submit({ containerOverrides: { command: ['Ref::who'] } }, 'reference who'),
  ],
  ['a reserved tag', submit({ tags: { 'aws:a': 'b' } }, 'tags.aws:a')],
  [
    'a reserved variable',
    submit({ containerOverrides: { environment: [{ name: 'AWS_BATCH_A' }] } }, 'AWS_BATCH'),
  ],
  ['101 ids', refusedInput('describejobs', { jobs: Array(101).fill(noJob) }, 'Maximum number of jobs')],
  ['a cancellation without reason', refusedInput('canceljob', { jobId: noJob }, 'reason: required')],
  ['a termination of nothing', refusedInput('terminatejob', { reason: 'r' }, 'jobId: required')],
  ['a reason too long', refusedInput('terminatejob', { jobId: noJob, reason: 'r'.repeat(1025) }, 'reason')],
  ['a list of nothing', refusedInput('listjobs', {}, 'exactly one of jobQueue, arrayJobId')],
  ["an unknown queue's jobs", refusedInput('listjobs', { jobQueue: 'nowhere' }, 'does not exist')],
  [
    'an unknown state',
    refusedInput('listjobs', { jobQueue: known.queue, jobStatus: 'DONE' }, 'jobStatus: must be'),
  ],
  ['a page too large', refusedInput('listjobs', { jobQueue: known.queue, maxResults: 1001 }, 'maxResults')],
  [
    'an unknown page of jobs',
    refusedInput('listjobs', { jobQueue: known.queue, nextToken: 'x' }, 'nextToken'),
  ],
  ['an unknown page of queues', refusedInput('describejobqueues', { nextToken: 'x' }, 'nextToken')],
  [
    'an unknown page of environments',
    refusedInput('describecomputeenvironments', { nextToken: 'x' }, 'nextToken'),
  ],
  ['an unknown page of definitions', refusedInput('describejobdefinitions', { nextToken: 'x' }, 'nextToken')],
  ['a definition of no type', register({ type: undefined }, 'type: required')],
  ['a definition of an unknown type', register({ type: 'vm' }, 'type: must be one of container, multinode')],
  ['a multi-node definition', register({ type: 'multinode' }, 'nodeProperties: required for type multinode')],
  ['a definition name too long', register({ jobDefinitionName: 'd'.repeat(129) }, 'jobDefinitionName')],
  [
    'a definition without image',
    register({ containerProperties: {} }, 'containerProperties.image: required'),
  ],
  ['a negative priority', register({ schedulingPriority: -1 }, 'schedulingPriority: must be at least 0')],
  ['a queue without environment', create({ computeEnvironmentOrder: [] }, 'computeEnvironmentOrder')],
  [
    'a queue on an unknown environment',
    create({ computeEnvironmentOrder: [{ order: 1, computeEnvironment: 'x' }] }, 'x does not exist'),
  ],
  ['a queue that exists', create({ jobQueueName: known.queue }, 'already exists')],
  ['a queue in an unknown state', create({ state: 'ON' }, 'state: must be one of DISABLED, ENABLED')],
  ['an environment that exists', found({ computeEnvironmentName: known.environment }, 'already exists')],
  [
    'a managed environment',
    found({ type: 'MANAGED' }, 'computeResources: required for a MANAGED compute environment'),
  ],
  [
    'an environment name too long',
    found({ computeEnvironmentName: 'e'.repeat(129) }, 'computeEnvironmentName'),
  ],
]

const invalid = 'InvalidSignatureException'

/** Requests whose sender is not proven, or not allowed. */
export const badSenders: [string, BadRequest][] = [
  [
    'nobody',
    refusedSender({ by: 'nobody' }, 'MissingAuthenticationTokenException', 'Missing Authentication'),
  ],
  [
    'an unknown token',
    refusedSender(
      { by: 'header', authorization: 'Bearer x' },
      'UnrecognizedClientException',
      'security token',
    ),
  ],
  ['the agent token', refusedSender({ by: 'agent' }, 'AccessDeniedException', 'agent token')],
  [
    'another scheme',
    refusedSender(
      { by: 'header', authorization: 'Basic YTpi' },
      'IncompleteSignatureException',
      'must begin with',
    ),
  ],
  [
    'half a signature',
    refusedSender(
      { by: 'header', authorization: 'AWS4-HMAC-SHA256 Credential=a' },
      'IncompleteSignatureException',
      "requires 'Signature'",
    ),
  ],
  [
    'an unknown key',
    refusedSender(
      { by: 'signature', signer: { accessKeyId: 'AKIAX' } },
      'UnrecognizedClientException',
      'security token',
    ),
  ],
  [
    'a wrong secret',
    refusedSender(
      { by: 'signature', signer: { secretAccessKey: 'x' } },
      invalid,
      'does not match the signature',
    ),
  ],
  [
    'a changed body',
    refusedSender(
      { by: 'signature', changes: { signedBody: '{}' } },
      invalid,
      'does not match the signature',
    ),
  ],
  [
    'another region',
    refusedSender({ by: 'signature', signer: { region: 'eu-west-1' } }, invalid, 'valid region'),
  ],
  [
    'another service',
    refusedSender({ by: 'signature', signer: { service: 'logs' } }, invalid, 'correct service'),
  ],
  ['an unsigned host', refusedSender({ by: 'signature', changes: { withoutHost: true } }, invalid, "'host'")],
  [
    'a slow clock',
    refusedSender(
      { by: 'signature', changes: { date: new Date(Date.now() - 10 * minuteMs) } },
      invalid,
      'Signature expired',
    ),
  ],
  [
    'a fast clock',
    refusedSender(
      { by: 'signature', changes: { date: new Date(Date.now() + 10 * minuteMs) } },
      invalid,
      'Signature not yet current',
    ),
  ],
  [
    'nobody for logs',
    refusedLogs('GetLogEvents', {}, 'MissingAuthenticationTokenException', 'Missing', { by: 'nobody' }),
  ],
  [
    "Batch's signature for logs",
    refusedLogs('GetLogEvents', {}, invalid, 'correct service', { by: 'signature' }),
  ],
]
