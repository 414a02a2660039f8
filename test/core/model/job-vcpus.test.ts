import { describe, expect, it } from 'vitest'
import { jobVcpus } from '../../../src/core/model/job-vcpus.ts'
import { aDefinition } from '../../support/builders.ts'

const vcpus = (value: string) => ({ resourceRequirements: [{ type: 'VCPU' as const, value }] })

describe('jobVcpus', () => {
  it('counts the container with its overrides', () => {
    expect(jobVcpus(aDefinition(), { jobName: 'job' })).toBe(1)
    expect(jobVcpus(aDefinition(), { jobName: 'job', containerOverrides: vcpus('0.25') })).toBe(0.25)
  })

  it('counts the containers of a pod', () => {
    const container = (cpu: string) => ({
      image: 'busybox',
      resources: { limits: { cpu: '4' }, requests: { cpu } },
    })
    const containers = [container('0.5'), container('1.25'), { image: 'busybox' }]
    const definition = aDefinition({ eksProperties: { podProperties: { containers } } })
    expect(jobVcpus(definition, { jobName: 'job' })).toBe(1.75)
  })

  it('counts every node', () => {
    const container = { image: 'busybox', ...vcpus('2') }
    const definition = aDefinition({
      type: 'multinode',
      nodeProperties: {
        numNodes: 4,
        mainNode: 0,
        nodeRangeProperties: [
          { targetNodes: '0', container: { ...container, ...vcpus('1') } },
          { targetNodes: '1:', container },
        ],
      },
    })
    expect(jobVcpus(definition, { jobName: 'job' })).toBe(7)
  })
})
