import { describe, expect, it } from 'vitest'
import { readJobHistory } from '../../../src/core/simulation/job-history.ts'

const described = {
  createdAt: 1_000_000,
  startedAt: 1_060_000,
  stoppedAt: 1_100_000,
  jobDefinition: 'arn:…/train:3',
  shareIdentifier: 'a',
  schedulingPriority: 5,
  timeout: { attemptDurationSeconds: 90 },
  container: {
    resourceRequirements: [
      { type: 'VCPU', value: '0.5' },
      { type: 'MEMORY', value: '512' },
      { type: 'GPU', value: '1' },
    ],
  },
}

describe('readJobHistory', () => {
  it('makes a trace of what ran, and tells when it really started', () => {
    const earlier = { ...described, createdAt: 990_000, container: { vcpus: 2, memory: 64 } }
    const { jobs, recorded, leftOut } = readJobHistory([described, earlier])
    expect({ recorded, leftOut }).toEqual({ recorded: [70_000, 70_000], leftOut: 0 })
    expect(jobs[1]).toEqual({
      id: 1,
      submitAt: 10_000,
      runMs: 40_000,
      boundMs: 90_000,
      demands: [{ resources: { cpuMilli: 500, memoryMiB: 512, gpuMilli: 1000, diskMiB: 0 } }],
      share: 'a',
      kind: 'arn:…/train:3',
      priority: 5,
    })
    expect(jobs[0]!.demands[0]!.resources).toMatchObject({ cpuMilli: 2000, memoryMiB: 64 })
  })

  it('leaves out what never ran, is not over, or has no container', () => {
    const { startedAt: _, ...neverRan } = described
    const { stoppedAt: __, ...running } = described
    const { container: ___, ...nodes } = described
    expect(readJobHistory([neverRan, running, nodes])).toEqual({ jobs: [], recorded: [], leftOut: 3 })
  })
})
