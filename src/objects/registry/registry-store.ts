import { present } from '../../core/assert.ts'
import { limits } from '../../core/limits.ts'
import type { EnvironmentConfig } from '../../core/model/environment.ts'
import type { JobDefinition, JobDefinitionBody, JobDefinitionRef } from '../../core/model/job-definition.ts'
import type { QueueConfig } from '../../core/model/queue.ts'
import type { PolicyConfig } from '../../core/model/scheduling-policy.ts'
import type { Sql } from '../../runtime/sql.ts'

export type Kind = 'environment' | 'queue' | 'policy'
/** Kinds that have an object of their own. */
export type ObjectKind = Exclude<Kind, 'policy'>
type Configs = { environment: EnvironmentConfig; queue: QueueConfig; policy: PolicyConfig }
export type ConfigOf<Of extends Kind> = Configs[Of]
type DefinitionRow = { name: string; revision: number; status: 'ACTIVE' | 'INACTIVE'; body: string }

/** All SQL of the registry. Methods that write belong into the owner's transaction. */
export class RegistryStore {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  count(kind: Kind): number {
    return present(this.sql.one<{ n: number }>(`SELECT count(*) AS n FROM ${kind}`), 'count').n
  }

  /** Stores something new under the number it is given here. */
  insert<Of extends Kind>(kind: Of, config: Omit<ConfigOf<Of>, 'number'>): ConfigOf<Of> {
    const { number } = present(
      this.sql.one<{ number: number }>(
        `INSERT INTO ${kind} (name, config) VALUES (?, '') RETURNING number`,
        config.name,
      ),
      'number',
    )
    const numbered = { ...config, number } as unknown as ConfigOf<Of>
    this.save(kind, numbered)
    return numbered
  }

  save<Of extends Kind>(kind: Of, config: ConfigOf<Of>): void {
    this.sql.run(`UPDATE ${kind} SET config = ? WHERE number = ?`, JSON.stringify(config), config.number)
  }

  /** Removes it: its name is free, its number is not given again. What has an object is kept until that is told. */
  remove<Of extends Kind>(kind: Of, config: ConfigOf<Of>): void {
    this.sql.run(`DELETE FROM ${kind} WHERE number = ?`, config.number)
    if (kind !== 'policy')
      this.sql.run(
        'INSERT INTO deleted (kind, number, name, config) VALUES (?, ?, ?, ?)',
        kind,
        config.number,
        config.name,
        JSON.stringify({ ...config, deleted: true }),
      )
  }

  /** What has been deleted and is still remembered. */
  deleted<Of extends ObjectKind>(kind: Of, number: number): ConfigOf<Of> | undefined {
    const row = this.sql.one<{ config: string }>(
      'SELECT config FROM deleted WHERE kind = ? AND number = ?',
      kind,
      number,
    )
    return row && (JSON.parse(row.config) as ConfigOf<Of>)
  }

  /** The number of the last deleted environment of a name. */
  deletedEnvironment(name: string): number | undefined {
    return (
      this.sql.one<{ number: number | null }>(
        `SELECT max(number) AS number FROM deleted WHERE kind = 'environment' AND name = ?`,
        name,
      )?.number ?? undefined
    )
  }

  /** A deletion has been told: of queues nothing more is needed, of environments the latest are. */
  deletionTold(kind: ObjectKind, number: number): void {
    if (kind === 'queue') this.sql.run(`DELETE FROM deleted WHERE kind = 'queue' AND number = ?`, number)
    else
      this.sql.run(
        `DELETE FROM deleted WHERE kind = 'environment' AND number NOT IN
           (SELECT number FROM deleted WHERE kind = 'environment' ORDER BY number DESC LIMIT ?)`,
        limits.deletedEnvironments,
      )
  }

  byName<Of extends Kind>(kind: Of, name: string): ConfigOf<Of> | undefined {
    return this.config(kind, 'name = ?', name)
  }

  byNumber<Of extends Kind>(kind: Of, number: number): ConfigOf<Of> | undefined {
    return this.config(kind, 'number = ?', number)
  }

  /** All of a kind by number, behind `after`. */
  list<Of extends Kind>(kind: Of, after: number, limit: number): ConfigOf<Of>[] {
    return this.sql
      .all<{ config: string }>(
        `SELECT config FROM ${kind} WHERE number > ? ORDER BY number LIMIT ?`,
        after,
        limit,
      )
      .map(({ config }) => JSON.parse(config) as ConfigOf<Of>)
  }

  /** Stores the next revision of a definition: 1, then one more each time. */
  insertDefinition(name: string, body: JobDefinitionBody): number {
    const revision = present(
      this.sql.one<{ next: number }>(
        'SELECT coalesce(max(revision), 0) + 1 AS next FROM definition WHERE name = ?',
        name,
      ),
      'revision',
    ).next
    this.sql.run(
      `INSERT INTO definition (name, revision, status, body) VALUES (?, ?, 'ACTIVE', ?)`,
      name,
      revision,
      JSON.stringify(body),
    )
    return revision
  }

  saveDefinition(definition: JobDefinition): void {
    this.sql.run(
      'UPDATE definition SET status = ?, body = ? WHERE name = ? AND revision = ?',
      definition.status,
      JSON.stringify(definition.body),
      definition.name,
      definition.revision,
    )
  }

  /** The revision named, or the newest ACTIVE one. */
  definition(ref: JobDefinitionRef): JobDefinition | undefined {
    const row =
      ref.revision === undefined
        ? this.sql.one<DefinitionRow>(
            `SELECT * FROM definition WHERE name = ? AND status = 'ACTIVE' ORDER BY revision DESC LIMIT 1`,
            ref.name,
          )
        : this.sql.one<DefinitionRow>(
            'SELECT * FROM definition WHERE name = ? AND revision = ?',
            ref.name,
            ref.revision,
          )
    return row && definitionOf(row)
  }

  /** Definitions in order of name and revision, behind `after`. */
  listDefinitions(
    query: { name?: string; status?: string },
    after: { name: string; revision: number } | undefined,
    limit: number,
  ): JobDefinition[] {
    return this.sql
      .all<DefinitionRow>(
        `SELECT * FROM definition WHERE (name, revision) > (?, ?) AND (?3 IS NULL OR name = ?3)
         AND (?4 IS NULL OR status = ?4) ORDER BY name, revision LIMIT ?5`,
        after?.name ?? '',
        after?.revision ?? 0,
        query.name ?? null,
        query.status ?? null,
        limit,
      )
      .map(definitionOf)
  }

  private config<Of extends Kind>(kind: Of, where: string, key: string | number): ConfigOf<Of> | undefined {
    const row = this.sql.one<{ config: string }>(`SELECT config FROM ${kind} WHERE ${where}`, key)
    return row && (JSON.parse(row.config) as ConfigOf<Of>)
  }
}

function definitionOf(row: DefinitionRow): JobDefinition {
  return { name: row.name, revision: row.revision, status: row.status, body: JSON.parse(row.body) }
}
