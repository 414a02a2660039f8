/** What SQLite stores and returns. Integers stay below 2^53. */
export type SqlValue = string | number | null | Uint8Array

/**
 * The synchronous SQL port. Two drivers implement it, one over a Durable Object's storage and one over
 * `node:sqlite`; `test/contract/sql-contract.ts` holds both to the same behaviour.
 */
export type Sql = {
  /** Runs one statement for its effect. */
  run(statement: string, ...parameters: SqlValue[]): void
  /** All rows of a query, as objects keyed by column. Blobs come as `Uint8Array`. */
  all<Row extends object>(query: string, ...parameters: SqlValue[]): Row[]
  /** The first row, or undefined. */
  one<Row extends object>(query: string, ...parameters: SqlValue[]): Row | undefined
  /** Runs `body` atomically: a throw undoes everything it wrote and is thrown on. Nested calls are refused. */
  transaction<Result>(body: () => Result): Result
  /** Rows written since the port was opened, as Cloudflare bills them (index entries count). The node driver counts changed rows only. */
  rowsWritten(): number
}
