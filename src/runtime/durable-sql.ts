import { assert } from '../core/assert.ts'
import type { Sql, SqlValue } from './sql.ts'

/** The Sql port over a Durable Object's own SQLite storage. */
export class DurableSql implements Sql {
  private readonly storage: DurableObjectStorage
  private inTransaction = false
  private written = 0

  constructor(storage: DurableObjectStorage) {
    this.storage = storage
  }

  run(statement: string, ...parameters: SqlValue[]): void {
    this.all(statement, ...parameters)
  }

  all<Row extends object>(query: string, ...parameters: SqlValue[]): Row[] {
    const cursor = this.storage.sql.exec(query, ...parameters)
    const rows = cursor.toArray()
    this.written += cursor.rowsWritten
    for (const row of rows) blobsToBytes(row)
    return rows as Row[]
  }

  one<Row extends object>(query: string, ...parameters: SqlValue[]): Row | undefined {
    return this.all<Row>(query, ...parameters)[0]
  }

  transaction<Result>(body: () => Result): Result {
    assert(!this.inTransaction, 'a transaction inside a transaction')
    this.inTransaction = true
    try {
      return this.storage.transactionSync(() => {
        const result = body()
        assert(!(result instanceof Promise), 'a transaction must not wait')
        return result
      })
    } finally {
      this.inTransaction = false
    }
  }

  rowsWritten(): number {
    return this.written
  }
}

function blobsToBytes(row: Record<string, unknown>): void {
  for (const column in row) {
    const value = row[column]
    if (value instanceof ArrayBuffer) row[column] = new Uint8Array(value)
  }
}
