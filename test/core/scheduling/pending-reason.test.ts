import { describe, expect, it } from 'vitest'
import { pendingReason } from '../../../src/core/scheduling/pending-reason.ts'

describe('pendingReason', () => {
  const a = { name: 'a', standing: 'no-host' } as const
  const b = { name: 'b', standing: 'disabled' } as const

  it('says that there are no hosts', () => {
    expect(pendingReason([a, b])).toBe(
      'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - No host is connected to the compute environments of the job queue: a, b',
    )
  })

  it('says that nothing is enabled', () => {
    expect(pendingReason([b])).toBe(
      'ACTION_REQUIRED - All compute environments of the job queue are DISABLED: b',
    )
  })

  it('says nothing while an environment has hosts or has not been asked', () => {
    for (const standing of ['hosts', undefined] as const)
      expect(pendingReason([a, { name: 'c', standing }])).toBeUndefined()
  })
})
