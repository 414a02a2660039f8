import { describe, expect, it } from 'vitest'
import { ArrayMirrors } from '../../../src/objects/queue/array-mirrors.ts'
import { ChildStore } from '../../../src/objects/queue/child-store.ts'
import { DependencyStore } from '../../../src/objects/queue/dependency-store.ts'
import { queueMigrations } from '../../../src/objects/queue/queue-schema.ts'
import { migrate } from '../../../src/runtime/migrate.ts'
import { NodeSql } from '../../../src/runtime/node-sql.ts'
import { anArray, aProgress } from '../../support/builders.ts'

/** What a few arrays take of which some children have ended. */
const roomForFew = 10_000

function mirrors(): ArrayMirrors {
  const sql = new NodeSql()
  migrate(sql, queueMigrations)
  return new ArrayMirrors(new ChildStore(sql), new DependencyStore(sql), () => 1, roomForFew)
}

const array = (seq: number) => anArray({ size: 100_000 }, { seq })
const succeeded = aProgress({ state: 'SUCCEEDED', stoppedAt: 1 })

/** Ends child 5 of array `seq`, as a commit does. */
function endChild(known: ArrayMirrors, seq: number): void {
  known.pin(seq)
  known.build(array(seq), []).children.set(5, 'SUCCEEDED')
  known.saveRecords(seq, new Map([[5, succeeded]]))
  known.unpin()
}

/** Another request looks at an array some of whose children have ended. */
function lookAt(known: ArrayMirrors, seq: number): void {
  known.saveRecords(seq, new Map([[5, succeeded]]))
  known.build(array(seq), [])
}

describe('ArrayMirrors', () => {
  it('keeps as many arrays as there is room for, and reads the others again', () => {
    const known = mirrors()
    for (let seq = 1; seq <= 50; seq++) endChild(known, seq)
    const kept = Array.from({ length: 50 }, (_, i) => i + 1).filter((seq) => known.known(seq))
    expect(kept.length).toBeGreaterThan(0)
    expect(kept.length).toBeLessThan(10)
    for (let seq = 1; seq <= 50; seq++) {
      const { children } = known.known(seq) ?? known.build(array(seq), [])
      expect([children.state(5), children.untouchedCount]).toEqual(['SUCCEEDED', 99_999])
    }
  })

  it('keeps an array whose children have ended but are not stored yet, whatever else is looked at', () => {
    const known = mirrors()
    known.pin(1)
    known.build(array(1), []).children.set(7, 'FAILED')
    for (let seq = 2; seq <= 50; seq++) lookAt(known, seq)
    expect(known.known(1)?.children.state(7)).toBe('FAILED')
  })
})
