import type { Sql } from '../../runtime/sql.ts'

/** What a token's first request was, and what was answered: for each entry a job's sequence number or a refusal. */
export type TokenRecord = { fingerprint: string; answer: TokenAnswer[] }
export type TokenAnswer = number | [code: string, message: string]

/** The SQL of idempotency tokens. A row for each request that carried one; it lives as long as the job it names. */
export class TokenStore {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  find(token: string): TokenRecord | undefined {
    const row = this.sql.one<{ fingerprint: string; answer: string }>(
      'SELECT fingerprint, answer FROM submit_token WHERE token = ?',
      token,
    )
    return row && { fingerprint: row.fingerprint, answer: JSON.parse(row.answer) }
  }

  insert(token: string, { fingerprint, answer }: TokenRecord): void {
    this.sql.run(
      'INSERT INTO submit_token (token, fingerprint, answer) VALUES (?, ?, ?)',
      token,
      fingerprint,
      JSON.stringify(answer),
    )
  }

  /** Forgets the tokens of jobs whose history ends. Call it before the jobs' own rows are deleted: they name them. */
  dropTokens(seqs: readonly number[]): void {
    this.sql.run(
      `DELETE FROM submit_token WHERE token IN (
         SELECT token.value FROM json_each(?) AS expired
         JOIN job ON job.seq = expired.value JOIN json_each(job.tokens) AS token)`,
      JSON.stringify(seqs),
    )
  }
}
