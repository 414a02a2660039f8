import { describe, expect, it } from 'vitest'
import {
  containerResources,
  effectiveParameters,
  missingParameter,
  overriddenContainer,
} from '../../../src/core/model/effective-container.ts'
import { effectiveJobTask, unresolvedReference } from '../../../src/core/model/effective-task.ts'
import type { ContainerOverrides, JobRequest } from '../../../src/core/model/job.ts'
import type { ContainerProperties, JobDefinitionBody } from '../../../src/core/model/job-definition.ts'

function aBody(
  containerProperties: ContainerProperties,
  members: Partial<JobDefinitionBody> = {},
): JobDefinitionBody {
  return { type: 'container', containerProperties, ...members }
}

function withParameters(command: string[], defined = {}, given = {}): [JobDefinitionBody, JobRequest] {
  return [aBody({ command }, { parameters: defined }), { jobName: 'job', parameters: given }]
}

function commandOf(body: JobDefinitionBody, request: JobRequest): string[] | undefined {
  return effectiveJobTask(body, request).containerProperties?.command
}

describe('overriddenContainer', () => {
  it('is the definition’s where nothing is overridden', () => {
    const base = { image: 'i', command: ['c'], privileged: true, user: 'nobody' }
    expect(overriddenContainer(base, {})).toEqual({ ...base, environment: [], resourceRequirements: [] })
  })

  it('takes an overriding command whole', () => {
    expect(overriddenContainer({ command: ['a', 'b', 'c'] }, { command: ['x'] }).command).toEqual(['x'])
  })

  it('merges the environment by name, in the definition’s order', () => {
    const base = {
      environment: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    }
    const overrides = {
      environment: [
        { name: 'C', value: '3' },
        { name: 'A', value: '4' },
      ],
    }
    expect(overriddenContainer(base, overrides).environment).toEqual([
      { name: 'A', value: '4' },
      { name: 'B', value: '2' },
      { name: 'C', value: '3' },
    ])
  })

  it('overrides the instance type', () => {
    expect(overriddenContainer({ instanceType: 'a' }, { instanceType: 'b' }).instanceType).toBe('b')
  })
})

describe('resource requirements', () => {
  const vcpu = (value: string) => ({ type: 'VCPU', value }) as const
  const memory = (value: string) => ({ type: 'MEMORY', value }) as const
  const gpu = (value: string) => ({ type: 'GPU', value }) as const

  it.each<[string, ContainerProperties, ContainerOverrides, { type: string; value: string }[]]>([
    [
      'are merged by type',
      { resourceRequirements: [vcpu('1'), memory('100')] },
      {},
      [vcpu('1'), memory('100')],
    ],
    [
      'of the job win over the definition’s',
      { resourceRequirements: [vcpu('1'), memory('100')] },
      { resourceRequirements: [memory('200'), gpu('1')] },
      [vcpu('1'), memory('200'), gpu('1')],
    ],
    ['in deprecated form count', { vcpus: 2, memory: 300 }, {}, [vcpu('2'), memory('300')]],
    [
      'in deprecated form yield to the definition’s own',
      { vcpus: 2, memory: 300, resourceRequirements: [vcpu('4')] },
      {},
      [vcpu('4'), memory('300')],
    ],
    [
      'in deprecated form override those',
      { vcpus: 2, memory: 300 },
      { vcpus: 3, memory: 400 },
      [vcpu('3'), memory('400')],
    ],
    [
      'of a definition are never overridden by the deprecated form',
      { resourceRequirements: [vcpu('4'), memory('100')] },
      { vcpus: 8, memory: 999 },
      [vcpu('4'), memory('100')],
    ],
    [
      'of a job win over its deprecated ones',
      { vcpus: 1 },
      { vcpus: 2, resourceRequirements: [vcpu('3')] },
      [vcpu('3')],
    ],
  ])('%s', (_, base, overrides, expected) => {
    expect(overriddenContainer(base, overrides).resourceRequirements).toEqual(expected)
  })

  it('become thousandths of a vCPU, whole MiB and GPUs', () => {
    const resourceRequirements = [vcpu('0.25'), memory('100'), gpu('2')]
    expect(containerResources({ resourceRequirements })).toEqual({
      cpuMilli: 250,
      memoryMiB: 100,
      gpuMilli: 2_000,
      diskMiB: 0,
    })
  })

  it('are one vCPU and 2 GiB where nothing is said', () => {
    expect(containerResources({})).toEqual({ cpuMilli: 1000, memoryMiB: 2048, gpuMilli: 0, diskMiB: 0 })
  })
})

describe('parameters', () => {
  it('of the job are merged over the definition’s', () => {
    const [body, request] = withParameters([], { a: '1', b: '2' }, { b: '3', c: '4' })
    expect(effectiveParameters(body, request)).toEqual({ a: '1', b: '3', c: '4' })
  })

  it('take the place of their references, also inside an argument and more than once', () => {
    const [body, request] = withParameters(
      ['run', 'Ref::in', '--out=Ref::out/Ref::in', 'Ref'],
      { in: 'i' },
      { out: 'o' },
    )
    expect(commandOf(body, request)).toEqual(['run', 'i', '--out=o/i', 'Ref'])
    expect(unresolvedReference(body, request)).toBeUndefined()
  })

  it('are not looked for in what they contain', () => {
    const [body, request] = withParameters(['Ref::a'], { a: 'Ref::b', b: 'no' })
    expect(commandOf(body, request)).toEqual(['Ref::b'])
  })

  it('that are missing are named as AWS names them', () => {
    const [body, request] = withParameters(['Ref::known', 'x-Ref::unknown'], { known: '1' })
    expect(unresolvedReference(body, request)).toBe('unknown')
    expect(missingParameter('unknown')).toBe(
      'Unable to substitute value. No parameter found for reference unknown',
    )
  })

  it('are looked for in the command that counts', () => {
    const [body, request] = withParameters(['Ref::gone'])
    request.containerOverrides = { command: ['Ref::other'] }
    expect(unresolvedReference(body, request)).toBe('other')
  })

  it('may be called like a member every object has', () => {
    const [body, request] = withParameters(['Ref::constructor'])
    expect(unresolvedReference(body, request)).toBe('constructor')
    expect(commandOf(body, request)).toEqual(['Ref::constructor'])
  })
})
