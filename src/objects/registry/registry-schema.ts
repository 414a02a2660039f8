import type { Migration } from '../../runtime/migrate.ts'
import { outboxMigration } from '../../runtime/outbox.ts'
import { timersMigration } from '../../runtime/timers.ts'

export const registryMigrations: readonly Migration[] = [
  timersMigration,
  outboxMigration,
  {
    id: 'registry-1',
    sql: `
      -- Numbers are part of job ids and object names: never used twice.
      CREATE TABLE environment (
        number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, config TEXT NOT NULL
      ) STRICT;
      CREATE TABLE queue (
        number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, config TEXT NOT NULL
      ) STRICT;
      CREATE TABLE definition (
        name TEXT NOT NULL, revision INTEGER NOT NULL, status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'INACTIVE')),
        body TEXT NOT NULL, PRIMARY KEY (name, revision)
      ) WITHOUT ROWID, STRICT;
    `,
  },
  {
    id: 'registry-2',
    sql: `
      CREATE TABLE policy (
        number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, config TEXT NOT NULL
      ) STRICT;
      -- Of a deleted queue, until its object knows; of an environment, while its agents may come back to finish.
      CREATE TABLE deleted (
        kind TEXT NOT NULL CHECK (kind IN ('environment', 'queue')), number INTEGER NOT NULL, name TEXT NOT NULL,
        config TEXT NOT NULL, PRIMARY KEY (kind, number)
      ) WITHOUT ROWID, STRICT;
    `,
  },
]
