import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allMembers, coveredOperations } from './covered-members.ts'
import { shared, startShared } from './flows/shared-server.ts'
import './flows/resources.ts'
import './flows/catalogue-made.ts'
import './flows/jobs.ts'
import './flows/runs.ts'
import './flows/catalogue-changed.ts'
import './flows/refused.ts'
import { inputNotes, outputNotes } from './notes.ts'

beforeAll(startShared)
afterAll(() => shared().server.stop())

describe('what this suite covers', () => {
  it('is every operation but those that come later', () => {
    expect([...shared().recorded.operations].sort()).toEqual([...coveredOperations].sort())
  })

  it('is every member of every input that is not refused', () => {
    const wanted = allMembers(coveredOperations, 'input').filter(
      (member) => !/Quota|Service/.test(member) && inputNotes[member]?.status !== 'refused',
    )
    expect(wanted.filter((member) => !shared().recorded.sent.has(member))).toEqual([])
  })

  it('is every member of every output that is not said to be unanswered', () => {
    const wanted = allMembers(coveredOperations, 'output').filter(
      (member) => !/Quota|Service/.test(member) && outputNotes[member]?.status !== 'unanswered',
    )
    expect(wanted.filter((member) => !shared().recorded.received.has(member))).toEqual([])
  })
})
