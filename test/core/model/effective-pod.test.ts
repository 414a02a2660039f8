import { describe, expect, it } from 'vitest'
import { effectivePod } from '../../../src/core/model/effective-pod.ts'
import type { EksProperties } from '../../../src/core/model/job-definition.ts'

const base: EksProperties = {
  podProperties: {
    hostNetwork: false,
    containers: [
      {
        image: 'a',
        command: ['x'],
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
        resources: { limits: { cpu: '1', memory: '8Mi' } },
      },
      { name: 'other', image: 'b' },
    ],
    metadata: { labels: { a: '1' }, namespace: 'jobs' },
  },
}

describe('effectivePod', () => {
  it('is the definition’s where nothing is overridden', () => {
    expect(effectivePod(base)).toEqual(base)
    expect(effectivePod(base, {})).toEqual(base)
  })

  it('merges each container by name, the environment by name, resources and metadata by key', () => {
    const override = {
      podProperties: {
        containers: [
          {
            name: 'Default',
            command: ['y'],
            env: [{ name: 'B', value: '3' }],
            resources: { limits: { cpu: '2' } },
          },
        ],
        metadata: { labels: { b: '2' } },
      },
    }
    expect(effectivePod(base, override)).toEqual({
      podProperties: {
        hostNetwork: false,
        containers: [
          {
            name: 'Default',
            image: 'a',
            command: ['y'],
            env: [
              { name: 'A', value: '1' },
              { name: 'B', value: '3' },
            ],
            resources: { limits: { cpu: '2', memory: '8Mi' } },
          },
          { name: 'other', image: 'b' },
        ],
        metadata: { labels: { a: '1', b: '2' }, namespace: 'jobs' },
      },
    })
  })
})
