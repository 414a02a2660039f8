import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { assert } from '../core/assert.ts'
import type { Sql, SqlValue } from './sql.ts'

/** The Sql port over `node:sqlite`: for Node programs, tests and the simulator, never for the Worker. */
export class NodeSql implements Sql {
  private readonly database: DatabaseSync
  private readonly statements = new Map<string, StatementSync>()
  private inTransaction = false

  /** `path`: a file, made durable on each commit, or `:memory:`. */
  constructor(path = ':memory:') {
    this.database = new DatabaseSync(path)
    if (path !== ':memory:') this.database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  }

  run(statement: string, ...parameters: SqlValue[]): void {
    if (parameters.length === 0) this.database.exec(statement)
    else this.prepared(statement).run(...parameters)
  }

  all<Row extends object>(query: string, ...parameters: SqlValue[]): Row[] {
    return this.prepared(query).all(...parameters) as Row[]
  }

  one<Row extends object>(query: string, ...parameters: SqlValue[]): Row | undefined {
    return this.all<Row>(query, ...parameters)[0]
  }

  transaction<Result>(body: () => Result): Result {
    assert(!this.inTransaction, 'a transaction inside a transaction')
    this.inTransaction = true
    try {
      this.database.exec('BEGIN IMMEDIATE')
      const result = body()
      assert(!(result instanceof Promise), 'a transaction must not wait')
      this.database.exec('COMMIT')
      return result
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK')
      throw error
    } finally {
      this.inTransaction = false
    }
  }

  rowsWritten(): number {
    return this.one<{ changes: number }>('SELECT total_changes() AS changes')!.changes
  }

  close(): void {
    this.database.close()
  }

  private prepared(text: string): StatementSync {
    let statement = this.statements.get(text)
    if (!statement) {
      statement = this.database.prepare(text)
      this.statements.set(text, statement)
    }
    return statement
  }
}
