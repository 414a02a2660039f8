import type { Migration } from '../../runtime/migrate.ts'
import { outboxMigration } from '../../runtime/outbox.ts'
import { timersMigration } from '../../runtime/timers.ts'

export const consumablesMigrations: readonly Migration[] = [
  timersMigration,
  outboxMigration,
  {
    id: 'consumables-1',
    sql: `
      CREATE TABLE resource (
        name TEXT PRIMARY KEY, type TEXT NOT NULL CHECK (type IN ('REPLENISHABLE', 'NON_REPLENISHABLE')),
        total INTEGER NOT NULL CHECK (total >= 0), in_use INTEGER NOT NULL CHECK (in_use >= 0),
        created_at INTEGER NOT NULL, tags TEXT NOT NULL
      ) WITHOUT ROWID, STRICT;

      -- What attempts hold. The sum over a resource is its in_use.
      CREATE TABLE holding (
        queue INTEGER NOT NULL, holder TEXT NOT NULL, resource TEXT NOT NULL,
        quantity INTEGER NOT NULL CHECK (quantity > 0),
        PRIMARY KEY (queue, holder, resource)
      ) WITHOUT ROWID, STRICT;

      -- Queues to be told when at least this much of a resource is free.
      CREATE TABLE waiting (
        resource TEXT NOT NULL, queue INTEGER NOT NULL, wanted INTEGER NOT NULL, PRIMARY KEY (resource, queue)
      ) WITHOUT ROWID, STRICT;

      -- Updates made under a client's token, with what they answered.
      CREATE TABLE client_token (
        id INTEGER PRIMARY KEY, request TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, total INTEGER NOT NULL
      ) STRICT;
    `,
  },
]
