import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  membersOf,
  operationModel,
  operationNames,
  parseMember,
  valuesOf,
} from '../../../../src/api/batch/model/batch-model.ts'
import { inputSchema } from '../../../../src/api/batch/model/input-schema.ts'
import { operations } from '../../../../src/api/batch/model/operations.ts'
import { rules } from '../../../../src/api/batch/rules/rules.ts'
import { parseInput } from '../../../../src/api/validation.ts'
import { batchModel } from '../../../../tools/batch-model.ts'

const folder = join(import.meta.dirname, '../../../../src/api/batch/model')

describe('the generated model', () => {
  it.each(Object.entries(batchModel()))('has %s as its generator makes it', (name, text) => {
    expect(readFileSync(join(folder, name), 'utf8')).toBe(text)
  })

  it('has the 48 operations of the API', () => {
    expect(Object.keys(operations)).toHaveLength(48)
  })

  it('names only structures and enumerations that it has', () => {
    const types = operationNames.flatMap((name) => [operationModel(name).input, operationModel(name).output])
    const seen = new Set<string>()
    while (types.length > 0) {
      const name = types.pop()!
      if (seen.has(name)) continue
      seen.add(name)
      for (const text of Object.values(membersOf(name))) {
        let { type } = parseMember(text)
        while (type.kind === 'list' || type.kind === 'map') type = type.of
        if (type.kind === 'structure') types.push(type.name)
        if (type.kind === 'enum') expect(valuesOf(type.name)).not.toEqual([])
      }
    }
    expect(seen.size).toBeGreaterThan(200)
  })

  it('has a member for every rule', () => {
    const unknown = Object.keys(rules).filter((key) => {
      const [structure, member] = key.split('.')
      return member !== undefined && !(member in membersOf(structure as never))
    })
    expect(unknown).toEqual([])
  })
})

describe('inputSchema', () => {
  it.each(operationNames)(
    'refuses an empty input of %s by the first required member, if there is one',
    (name) => {
      const members = Object.entries(membersOf(operationModel(name).input))
      const required = members.find(([, text]) => parseMember(text).required)?.[0]
      const parsed = parseInput(inputSchema(name), {}, 'ClientException')
      if (!required) return
      expect(parsed).toMatchObject({ ok: false, refusal: { message: `${required}: required` } })
    },
  )

  it('drops members that the model does not know', () => {
    const parsed = parseInput(inputSchema('DescribeJobs'), { jobs: ['a'], more: 1 }, 'ClientException')
    expect(parsed).toEqual({ ok: true, value: { jobs: ['a'] } })
  })
})
