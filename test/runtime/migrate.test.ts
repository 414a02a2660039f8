import { describe, expect, it } from 'vitest'
import { type Migration, migrate } from '../../src/runtime/migrate.ts'
import { NodeSql } from '../../src/runtime/node-sql.ts'

const first: Migration = { id: 'first', sql: 'CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT' }
const second: Migration = { id: 'second', run: (sql) => sql.run('INSERT INTO t VALUES (?)', 1) }
const rows = (sql: NodeSql) => sql.all('SELECT id FROM t')

describe('migrate', () => {
  it('applies statements and code in order', () => {
    const sql = new NodeSql()
    migrate(sql, [first, second])
    expect(rows(sql)).toEqual([{ id: 1 }])
  })

  it('applies each migration once and writes nothing when there is none to apply', () => {
    const sql = new NodeSql()
    migrate(sql, [first])
    migrate(sql, [first, second])
    const before = sql.rowsWritten()
    migrate(sql, [first, second])
    expect(sql.rowsWritten()).toBe(before)
    expect(rows(sql)).toEqual([{ id: 1 }])
  })

  it.each([
    ['a newer version wrote', [first]],
    ['another history wrote', [second, first]],
    ['something was put in front of', [{ id: 'zeroth', sql: 'SELECT 1' }, first, second]],
  ])('refuses a database that %s', (_, list) => {
    const sql = new NodeSql()
    migrate(sql, [first, second])
    expect(() => migrate(sql, list)).toThrow(/the database was written with migration/)
    expect(rows(sql)).toEqual([{ id: 1 }])
  })

  it('changes nothing when one migration fails', () => {
    const sql = new NodeSql()
    expect(() => migrate(sql, [first, { id: 'broken', sql: 'NONSENSE' }])).toThrow()
    expect(sql.all('SELECT name FROM sqlite_schema')).toEqual([])
  })

  it('refuses two migrations of one id', () => {
    expect(() => migrate(new NodeSql(), [first, first])).toThrow(/share an id/)
  })
})
