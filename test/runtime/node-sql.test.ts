import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { NodeSql } from '../../src/runtime/node-sql.ts'
import { describeSqlContract } from '../contract/sql-contract.ts'

describeSqlContract('NodeSql', async (body) => {
  const sql = new NodeSql()
  body(sql)
  sql.close()
})

describe('NodeSql on a file', () => {
  it('keeps its rows when it is closed and opened again', () => {
    const directory = mkdtempSync(join(tmpdir(), 'node-sql-'))
    try {
      const first = new NodeSql(join(directory, 'data.sqlite'))
      first.run('CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT')
      first.run('INSERT INTO t VALUES (?)', 7)
      first.close()
      const second = new NodeSql(join(directory, 'data.sqlite'))
      expect(second.all('SELECT id FROM t')).toEqual([{ id: 7 }])
      second.close()
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
