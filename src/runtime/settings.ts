import type { Migration } from './migrate.ts'
import type { Sql } from './sql.ts'

export const settingsMigration: Migration = {
  id: 'settings-1',
  sql: 'CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT',
}

/** What an object has one of, as JSON by key. Expects `settingsMigration` applied; undefined where nothing is set. */
export function loadSetting<Value>(sql: Sql, key: string): Value | undefined {
  const row = sql.one<{ value: string }>('SELECT value FROM settings WHERE key = ?', key)
  return row && (JSON.parse(row.value) as Value)
}

/** Part of the owner's transaction. */
export function saveSetting(sql: Sql, key: string, value: unknown): void {
  sql.run(
    'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    key,
    JSON.stringify(value),
  )
}

/** Part of the owner's transaction; no such setting is no error. */
export function dropSetting(sql: Sql, key: string): void {
  sql.run('DELETE FROM settings WHERE key = ?', key)
}
