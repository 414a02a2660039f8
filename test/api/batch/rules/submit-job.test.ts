import { describe, expect, it } from 'vitest'
import { inputSchema } from '../../../../src/api/batch/model/input-schema.ts'
import { parseInput } from '../../../../src/api/validation.ts'

const minimal = { jobName: 'a', jobQueue: 'q', jobDefinition: 'd' }
const parse = (changes: object) =>
  parseInput(inputSchema('SubmitJob'), { ...minimal, ...changes }, 'ClientException')
const rule = { onReason: '*', action: 'EXIT' }
const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 'v']))

const badShare =
  'shareIdentifier: must be up to 5 segments of letters and digits with / between them, the last of which may end in *'

describe('the input of SubmitJob', () => {
  it.each<[string, object]>([
    ['the least', {}],
    ['no share', { shareIdentifier: '' }],
    ['a share of AWS’s form', { shareIdentifier: 'A1*' }],
    ['a path of shares', { shareIdentifier: 'a/b/c/d/e' }],
    ['a path of shares that ends in *', { shareIdentifier: 'team/*' }],
    [
      'what SDKs send of empty members',
      { arrayProperties: {}, dependsOn: [], tags: {}, parameters: {}, retryStrategy: {}, timeout: {} },
    ],
    ['a name of 128 characters', { jobName: `0${'a_-Z'.repeat(31)}aaa` }],
    ['the smallest array', { arrayProperties: { size: 2 } }],
    ['an array of a hundred thousand', { arrayProperties: { size: 100_000 } }],
    [
      'an action in any letter case',
      { retryStrategy: { attempts: 10, evaluateOnExit: [{ ...rule, action: 'exIt' }] } },
    ],
    [
      'patterns of all kinds',
      {
        retryStrategy: {
          attempts: 1,
          evaluateOnExit: [
            { onStatusReason: 'Host EC2*', onReason: 'CannotPull:\t*', onExitCode: '13*', action: 'RETRY' },
          ],
        },
      },
    ],
    ['no rules and no attempts', { retryStrategy: { evaluateOnExit: [] } }],
    [
      'deprecated vcpus and memory beside requirements',
      {
        containerOverrides: {
          vcpus: 1,
          memory: 4,
          resourceRequirements: [
            { type: 'VCPU', value: '0.25' },
            { type: 'MEMORY', value: '4' },
            { type: 'GPU', value: '1' },
          ],
        },
      },
    ],
    ['an environment variable without a value', { containerOverrides: { environment: [{ name: 'A' }] } }],
    ['fifty tags', { tags: tags(50) }],
    [
      'empty overrides of kinds that do not run',
      {
        nodeOverrides: {},
        eksPropertiesOverride: {},
        consumableResourcePropertiesOverride: { consumableResourceList: [] },
      },
    ],
  ])('accepts %s as sent', (_, changes) => {
    expect(parse(changes)).toEqual({ ok: true, value: { ...minimal, ...changes } })
  })

  it('ignores members the API does not have', () => {
    expect(parse({ containerOverrides: { command: ['x'], new: 1 }, newer: {} })).toEqual({
      ok: true,
      value: { ...minimal, containerOverrides: { command: ['x'] } },
    })
  })

  it.each<[object, string]>([
    [{ jobName: undefined }, 'jobName: required'],
    [{ jobName: 5 }, 'jobName: must be a string'],
    [
      { jobName: '-a' },
      'jobName: Job name should match valid pattern: must match ^[a-zA-Z0-9][a-zA-Z0-9_-]{0,127}$',
    ],
    [
      { jobName: 'a'.repeat(129) },
      'jobName: Job name should match valid pattern: must match ^[a-zA-Z0-9][a-zA-Z0-9_-]{0,127}$ (129 characters)',
    ],
    [{ jobQueue: undefined }, 'jobQueue: required'],
    [{ jobDefinition: ['d'] }, 'jobDefinition: must be a string'],
    [{ shareIdentifier: 'a-b' }, badShare],
    [{ shareIdentifier: 'team//user' }, badShare],
    [{ shareIdentifier: 'team/' }, badShare],
    [{ shareIdentifier: 'te*/user' }, badShare],
    [{ shareIdentifier: 'a/b/c/d/e/f' }, badShare],
    [{ shareIdentifier: 'a'.repeat(256) }, 'shareIdentifier: must be at most 255 characters long'],
    [{ schedulingPriorityOverride: -1 }, 'schedulingPriorityOverride: must be at least 0'],
    [{ schedulingPriorityOverride: 10_000 }, 'schedulingPriorityOverride: must be at most 9999'],
    [{ arrayProperties: { size: 1 } }, 'arrayProperties.size: must be at least 2'],
    [{ arrayProperties: { size: 1_000_001 } }, 'arrayProperties.size: must be at most 1000000'],
    [{ arrayProperties: { size: 2.5 } }, 'arrayProperties.size: must be an integer'],
    [{ arrayProperties: { size: '2' } }, 'arrayProperties.size: must be an integer'],
    [{ arrayProperties: [] }, 'arrayProperties: must be an object'],
    [{ dependsOn: Array(1001).fill({ jobId: 'x' }) }, 'dependsOn: must have at most 1000 entries'],
    [
      { dependsOn: [{ jobId: 'x', type: 'ALL' }] },
      'dependsOn[0].type: must be one of N_TO_N, SEQUENTIAL, AFTER_ANY, AFTER_FAILURE',
    ],
    [{ parameters: { a: 1 } }, 'parameters.a: must be a string'],
    [{ parameters: 'a' }, 'parameters: must be an object'],
    [{ containerOverrides: { command: 'ls' } }, 'containerOverrides.command: must be a list'],
    [{ containerOverrides: { command: ['ls', ''] } }, 'containerOverrides.command[1]: must not be empty'],
    [
      { containerOverrides: { environment: [{ name: 'AWS_BATCH_X', value: '1' }] } },
      'containerOverrides.environment[0].name: must not begin with the reserved prefix AWS_BATCH',
    ],
    [
      { containerOverrides: { environment: [{ value: '1' }] } },
      'containerOverrides.environment[0].name: required',
    ],
    [
      { containerOverrides: { resourceRequirements: [{ type: 'DISK', value: '1' }] } },
      'containerOverrides.resourceRequirements[0].type: must be one of GPU, MEMORY, VCPU',
    ],
    [
      { containerOverrides: { resourceRequirements: [{ type: 'VCPU', value: '0' }] } },
      'containerOverrides.resourceRequirements[0].value: VCPU must be a number above 0, of at most three decimals',
    ],
    [
      { containerOverrides: { resourceRequirements: [{ type: 'MEMORY', value: '3' }] } },
      'containerOverrides.resourceRequirements[0].value: MEMORY must be a whole number of MiB, at least 4',
    ],
    [
      { containerOverrides: { resourceRequirements: [{ type: 'GPU', value: '1.5' }] } },
      'containerOverrides.resourceRequirements[0].value: GPU must be a whole number, or a part of one between 0 and 1 of at most three decimals',
    ],
    [
      { containerOverrides: { resourceRequirements: Array(2).fill({ type: 'GPU', value: '1' }) } },
      'containerOverrides.resourceRequirements: must have each type only once',
    ],
    [{ containerOverrides: { memory: 3 } }, 'containerOverrides.memory: must be at least 4'],
    [
      { containerOverrides: { instanceType: 'p3' } },
      'containerOverrides.instanceType: applies to multi-node parallel jobs only',
    ],
    [{ retryStrategy: { attempts: 0 } }, 'retryStrategy.attempts: must be at least 1'],
    [{ retryStrategy: { attempts: 11 } }, 'retryStrategy.attempts: must be at most 10'],
    [
      { retryStrategy: { evaluateOnExit: [rule] } },
      'retryStrategy: RetryAttempts must be provided with retry strategy',
    ],
    [
      { retryStrategy: { attempts: 1, evaluateOnExit: Array(6).fill(rule) } },
      'retryStrategy.evaluateOnExit: must have at most 5 entries',
    ],
    [
      { retryStrategy: { attempts: 1, evaluateOnExit: [{ ...rule, action: 'STOP' }] } },
      'retryStrategy.evaluateOnExit[0].action: must be one of RETRY, EXIT',
    ],
    [
      { retryStrategy: { attempts: 1, evaluateOnExit: [{ ...rule, onReason: 'a(b)' }] } },
      'retryStrategy.evaluateOnExit[0].onReason: must match ^[0-9a-zA-Z.:\\s]*\\*?$',
    ],
    [
      { retryStrategy: { attempts: 1, evaluateOnExit: [{ ...rule, onExitCode: '-1' }] } },
      'retryStrategy.evaluateOnExit[0].onExitCode: must match ^[0-9]*\\*?$',
    ],
    [{ timeout: { attemptDurationSeconds: 59 } }, 'timeout.attemptDurationSeconds: must be at least 60'],
    [
      { timeout: { attemptDurationSeconds: 2 ** 31 } },
      'timeout.attemptDurationSeconds: must be at most 2147483647',
    ],
    [{ propagateTags: 'true' }, 'propagateTags: must be a boolean'],
    [{ tags: tags(51) }, 'tags: must have at most 50 entries'],
    [{ tags: { 'aws:x': '1' } }, "tags.aws:x: key must not begin with the reserved prefix 'aws:'"],
    [{ tags: { a: 'v'.repeat(257) } }, 'tags.a: must be at most 256 characters long'],
    [{ tags: { '': 'v' } }, 'tags.: key must not be empty'],
  ])('refuses %j', (changes, message) => {
    expect(parse(changes)).toEqual({ ok: false, refusal: { code: 'ClientException', message } })
  })
})
