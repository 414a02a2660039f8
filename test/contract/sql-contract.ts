import { describe, expect, it } from 'vitest'
import type { Sql } from '../../src/runtime/sql.ts'

/**
 * What every Sql driver must do. `withSql` opens an empty database, hands it to `body` and closes it.
 */
export function describeSqlContract(
  name: string,
  withSql: (body: (sql: Sql) => void) => Promise<void>,
): void {
  describe(`${name} keeps the Sql contract`, () => {
    const test = (title: string, body: (sql: Sql) => void) => it(title, () => withSql(body))

    describeValues(test)
    describeTransactions(test)

    test('counts each row inserted, changed and deleted in a table without indexes', (sql) => {
      sql.run('CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT) STRICT')
      const before = sql.rowsWritten()
      sql.run("INSERT INTO t VALUES (1, 'a'), (2, 'b')")
      sql.run('UPDATE t SET v = ? WHERE id = ?', 'c', 1)
      sql.run('DELETE FROM t WHERE id = ?', 2)
      expect(sql.one("INSERT INTO t VALUES (3, 'd') RETURNING id")).toEqual({ id: 3 })
      sql.all('SELECT * FROM t')
      expect(sql.rowsWritten() - before).toBe(5)
    })

    test('throws on a broken statement and on a broken constraint', (sql) => {
      sql.run('CREATE TABLE t (id INTEGER PRIMARY KEY CHECK (id > 0)) STRICT')
      expect(() => sql.run('NONSENSE')).toThrow()
      expect(() => sql.run('INSERT INTO t VALUES (?)', -1)).toThrow(/CHECK/)
    })
  })
}

type Test = (title: string, body: (sql: Sql) => void) => void

function describeValues(test: Test): void {
  test('returns values as they were stored', (sql) => {
    sql.run('CREATE TABLE t (i INTEGER, r REAL, s TEXT, b BLOB, n TEXT) STRICT')
    const bytes = Uint8Array.of(0, 255, 10)
    sql.run('INSERT INTO t VALUES (?, ?, ?, ?, ?)', Number.MAX_SAFE_INTEGER, 0.5, 'ü\n😀', bytes, null)
    expect(sql.all('SELECT * FROM t')).toEqual([
      { i: Number.MAX_SAFE_INTEGER, r: 0.5, s: 'ü\n😀', b: bytes, n: null },
    ])
    expect(sql.one<{ b: unknown }>('SELECT b FROM t')!.b).toBeInstanceOf(Uint8Array)
  })

  test('stores the bytes of a view, not of the buffer under it', (sql) => {
    sql.run('CREATE TABLE t (b BLOB) STRICT')
    sql.run('INSERT INTO t VALUES (?)', Uint8Array.of(1, 2, 3, 4).subarray(1, 3))
    expect(sql.one('SELECT b FROM t')).toEqual({ b: Uint8Array.of(2, 3) })
  })

  test('binds numbered parameters used more than once', (sql) => {
    expect(sql.one('SELECT ?1 AS a, ?2 AS b, ?1 AS c', 'x', 7)).toEqual({ a: 'x', b: 7, c: 'x' })
  })

  test('answers nothing found with an empty list and undefined', (sql) => {
    sql.run('CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT')
    expect(sql.all('SELECT * FROM t')).toEqual([])
    expect(sql.one('SELECT * FROM t')).toBeUndefined()
  })

  test('gives the first of many rows', (sql) => {
    expect(sql.one('SELECT value FROM json_each(?) ORDER BY value DESC', '[1, 3, 2]')).toEqual({ value: 3 })
  })

  test('runs several statements without parameters in one text', (sql) => {
    sql.run('CREATE TABLE a (id INTEGER PRIMARY KEY) STRICT; CREATE TABLE b (id INTEGER PRIMARY KEY) STRICT')
    expect(sql.all('SELECT * FROM b')).toEqual([])
  })
}

function describeTransactions(test: Test): void {
  const table = 'CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT'

  test('keeps what a transaction wrote and returns its result', (sql) => {
    sql.run(table)
    const result = sql.transaction(() => {
      sql.run('INSERT INTO t VALUES (?)', 1)
      return 'done'
    })
    expect(result).toBe('done')
    expect(sql.all('SELECT id FROM t')).toEqual([{ id: 1 }])
  })

  test('undoes a transaction that throws, and throws on', (sql) => {
    sql.run(table)
    const failing = () =>
      sql.transaction(() => {
        sql.run('INSERT INTO t VALUES (?)', 1)
        throw new Error('no')
      })
    expect(failing).toThrow('no')
    expect(sql.all('SELECT id FROM t')).toEqual([])
    sql.transaction(() => sql.run('INSERT INTO t VALUES (?)', 2))
    expect(sql.all('SELECT id FROM t')).toEqual([{ id: 2 }])
  })

  test('refuses a transaction within a transaction and one that waits', (sql) => {
    sql.run(table)
    expect(() => sql.transaction(() => sql.transaction(() => 1))).toThrow(/inside/)
    const waiting = () =>
      sql.transaction(() => {
        sql.run('INSERT INTO t VALUES (?)', 1)
        return Promise.resolve()
      })
    expect(waiting).toThrow(/must not wait/)
    expect(sql.all('SELECT id FROM t')).toEqual([])
  })
}
