import { describe, expect, it } from 'vitest'
import { taskTags } from '../../../src/core/model/tags.ts'
import { aDefinitionBody } from '../../support/builders.ts'

const body = { ...aDefinitionBody(), tags: { team: 'a', stage: 'test' } }
const request = { jobName: 'job', tags: { team: 'b' } }

describe('taskTags', () => {
  it('puts the tags of the job over those of its definition', () => {
    expect(taskTags(body, { ...request, propagateTags: true })).toEqual({ team: 'b', stage: 'test' })
  })

  it('are none where they are not propagated, and the job has the last word on that', () => {
    expect(taskTags(body, request)).toEqual({})
    expect(taskTags({ ...body, propagateTags: true }, { ...request, propagateTags: false })).toEqual({})
    expect(taskTags({ ...body, propagateTags: true }, request)).toEqual({ team: 'b', stage: 'test' })
  })
})
