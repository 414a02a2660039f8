import type { Migration } from '../../runtime/migrate.ts'
import { settingsMigration } from '../../runtime/settings.ts'
import { timersMigration } from '../../runtime/timers.ts'

export const environmentMigrations: readonly Migration[] = [
  timersMigration,
  settingsMigration,
  {
    id: 'environment-1',
    sql: `
      -- A host that holds attempts, all of them in the one row: placing a batch on it writes it once. An attempt that has
      -- been settled may stand here until the next writing; the host's next hello and the queue clear it up.
      -- lease_expires_at is null while the host is connected.
      CREATE TABLE host (
        agent_id TEXT PRIMARY KEY, offer TEXT NOT NULL, placements TEXT NOT NULL, lease_expires_at INTEGER
      ) WITHOUT ROWID, STRICT;

      -- Attempts placed nowhere any more, until their queues have recorded it.
      CREATE TABLE loss (
        attempt_id TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('absent', 'host-lost')),
        instance_id TEXT NOT NULL, at INTEGER NOT NULL
      ) WITHOUT ROWID, STRICT;
    `,
  },
  {
    id: 'environment-2',
    sql: `
      -- Why the attempt was to make room, if it was.
      ALTER TABLE loss ADD COLUMN preempted TEXT;
    `,
  },
]
