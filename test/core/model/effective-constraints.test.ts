import { describe, expect, it } from 'vitest'
import { effectiveConstraints, effectivePlacement } from '../../../src/core/model/effective-constraints.ts'

describe('effectiveConstraints', () => {
  it('are none where nobody asks for any', () => {
    expect(effectiveConstraints({ containerProperties: { image: 'a' } }, {})).toBeUndefined()
  })

  it('are the definition’s, member by member replaced by the job’s', () => {
    const placementConstraints = { gpuModels: ['Tesla T4'], labels: { rack: '7' } }
    expect(effectiveConstraints({ placementConstraints }, {})).toEqual(placementConstraints)
    expect(
      effectiveConstraints({ placementConstraints }, { placementConstraints: { labels: { rack: '8' } } }),
    ).toEqual({ gpuModels: ['Tesla T4'], labels: { rack: '8' } })
  })

  it('without the architecture are what is described', () => {
    const runtimePlatform = { cpuArchitecture: 'ARM64' }
    const body = {
      placementConstraints: { gpuModels: ['Tesla T4'] },
      containerProperties: { runtimePlatform },
    }
    expect(effectivePlacement(body, {})).toEqual({ gpuModels: ['Tesla T4'] })
    expect(effectivePlacement({}, {})).toBeUndefined()
  })

  it('name the architecture that a container or a task was made for', () => {
    const runtimePlatform = { cpuArchitecture: 'ARM64' }
    expect(effectiveConstraints({ containerProperties: { runtimePlatform } }, {})).toEqual({
      architecture: 'ARM64',
    })
    expect(effectiveConstraints({ ecsProperties: { taskProperties: [{ runtimePlatform }] } }, {})).toEqual({
      architecture: 'ARM64',
    })
  })
})
