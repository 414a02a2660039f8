import { assert } from '../core/assert.ts'
import type { Sql } from './sql.ts'

/** One step of a schema's history: statements, or code for what statements cannot say. Never edited once released. */
export type Migration = { id: string; sql: string } | { id: string; run(sql: Sql): void }

/**
 * Brings a database to the newest schema in one transaction. `migrations` is append-only: throws, and changes
 * nothing, when the ids already applied are no prefix of the list (a newer or a different program wrote them).
 */
export function migrate(sql: Sql, migrations: readonly Migration[]): void {
  assert(new Set(migrations.map(({ id }) => id)).size === migrations.length, 'two migrations share an id')
  sql.transaction(() => {
    sql.run(
      'CREATE TABLE IF NOT EXISTS schema_migrations (position INTEGER PRIMARY KEY, id TEXT NOT NULL) STRICT',
    )
    const applied = sql.all<{ id: string }>('SELECT id FROM schema_migrations ORDER BY position')
    applied.forEach(({ id }, position) => {
      const expected = migrations[position]?.id
      if (id !== expected)
        throw new Error(
          `the database was written with migration ${id} where this version has ${expected ?? 'none'}`,
        )
    })
    for (let position = applied.length; position < migrations.length; position++) {
      const migration = migrations[position]!
      if ('sql' in migration) sql.run(migration.sql)
      else migration.run(sql)
      sql.run('INSERT INTO schema_migrations (position, id) VALUES (?, ?)', position, migration.id)
    }
  })
}
