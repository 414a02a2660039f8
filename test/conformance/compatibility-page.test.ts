import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compatibilityPage } from '../../tools/compatibility.ts'
import { allMembers, coveredOperations } from './covered-members.ts'
import { inputNotes, keptStructures, outputNotes } from './notes.ts'

describe('docs/compatibility.md', () => {
  it('is what its generator makes of the tables', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/compatibility.md'), 'utf8')
    expect(page).toBe(compatibilityPage())
  })

  it('has notes only of members that there are', () => {
    const members = [...allMembers(coveredOperations, 'input'), ...allMembers(coveredOperations, 'output')]
    const unknown = [...Object.keys(inputNotes), ...Object.keys(outputNotes)].filter(
      (key) => !members.includes(key),
    )
    expect(unknown).toEqual([])
    const structures = members.map((member) => member.split('.')[0])
    expect(Object.keys(keptStructures).filter((name) => !structures.includes(name))).toEqual([])
  })
})
