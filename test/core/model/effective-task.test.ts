import { describe, expect, it } from 'vitest'
import { effectiveTask, unresolvedInTask } from '../../../src/core/model/effective-task.ts'
import type { EcsProperties } from '../../../src/core/model/job-definition.ts'

const ecsProperties: EcsProperties = {
  taskProperties: [
    {
      ipcMode: 'task',
      containers: [
        { name: 'a', image: 'i', command: ['Ref::x'] },
        { name: 'b', image: 'i', essential: false },
      ],
    },
  ],
}

describe('effectiveTask', () => {
  it('keeps what a definition of several containers says, and leaves out what it leaves out', () => {
    expect(effectiveTask({ ecsProperties }, {}, { x: '1' })).toEqual({
      ecsProperties: {
        taskProperties: [
          {
            ipcMode: 'task',
            containers: [
              { name: 'a', image: 'i', command: ['1'] },
              { name: 'b', image: 'i', essential: false },
            ],
          },
        ],
      },
    })
  })

  it('ignores the overrides of the other form', () => {
    const containerOverrides = { command: ['no'] }
    expect(effectiveTask({ ecsProperties }, { containerOverrides }, { x: '1' })).toEqual(
      effectiveTask({ ecsProperties }, {}, { x: '1' }),
    )
  })
})

describe('unresolvedInTask', () => {
  it('looks at every container’s command', () => {
    expect(unresolvedInTask({ ecsProperties }, {}, { x: '1' })).toBeUndefined()
    expect(unresolvedInTask({ ecsProperties }, {}, {})).toBe('x')
    const containers = [{ name: 'b', command: ['Ref::y'] }]
    const overrides = { ecsPropertiesOverride: { taskProperties: [{ containers }] } }
    expect(unresolvedInTask({ ecsProperties }, overrides, { x: '1' })).toBe('y')
  })
})
