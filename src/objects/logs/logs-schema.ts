import type { Migration } from '../../runtime/migrate.ts'

/**
 * A stream is its chunks; the first, at event 0, brings it into being, so that a short stream is one row. Clustered
 * by group, name and event number without any other index: streams list by name, and read and grow at one place.
 * `events` is what `packEvents` makes, `size` its length; it stands last so that a listing does not read it.
 */
export const logsMigrations: Migration[] = [
  {
    id: 'logs-1',
    sql: `CREATE TABLE chunk (
      log_group TEXT NOT NULL,
      stream TEXT NOT NULL,
      first INTEGER NOT NULL CHECK (first >= 0),
      count INTEGER NOT NULL CHECK (count > 0),
      size INTEGER NOT NULL,
      earliest_at INTEGER NOT NULL,
      latest_at INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      ingested_at INTEGER NOT NULL,
      events TEXT NOT NULL,
      PRIMARY KEY (log_group, stream, first)
    ) WITHOUT ROWID, STRICT`,
  },
]
