import { limits } from '../../core/limits.ts'
import { jobStates } from '../../core/model/job.ts'
import type { Migration } from '../../runtime/migrate.ts'
import { outboxMigration } from '../../runtime/outbox.ts'
import { settingsMigration } from '../../runtime/settings.ts'
import { timersMigration } from '../../runtime/timers.ts'

/** Children of one array whose states and records share a row. */
export const chunkSize = 128
/** A chunk's row key is `seq * chunksPerArray + chunk`; with 40-bit sequences it stays below 2^53. */
export const chunksPerArray = 8192

/** Neighbouring jobs of which it is known together that some have ended: as many as are looked at for one of them. */
export const endedBlockSize = 16

if (chunkSize * chunksPerArray < limits.arraySize) throw new Error('array chunks too small')

export const queueMigrations: readonly Migration[] = [
  timersMigration,
  settingsMigration,
  outboxMigration,
  {
    id: 'queue-1',
    sql: `
      -- One row a job, an array of any size included. What changes while a job runs is one UPDATE of this row.
      CREATE TABLE job (
        seq INTEGER PRIMARY KEY,
        ready INTEGER NOT NULL CHECK (ready IN (0, 1)),
        front INTEGER NOT NULL CHECK (front IN (0, 1)),
        priority INTEGER NOT NULL,
        state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 6),
        created_at INTEGER NOT NULL,
        definition INTEGER NOT NULL,
        unmet INTEGER NOT NULL CHECK (unmet >= 0),
        progress TEXT NOT NULL,
        array_shape TEXT,
        request TEXT NOT NULL
      ) STRICT;
      -- The order of the queue: what a tick reads costs what it starts.
      CREATE INDEX job_ready ON job (priority DESC, front DESC, seq) WHERE ready = 1;

      -- Children of arrays that have a state of their own; states first, so that they are read without the records.
      CREATE TABLE child_chunk (id INTEGER PRIMARY KEY, states BLOB NOT NULL, records TEXT NOT NULL) STRICT;

      CREATE TABLE dependency (
        queue INTEGER NOT NULL, seq INTEGER NOT NULL, child INTEGER NOT NULL, waiter INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('whole', 'children')),
        PRIMARY KEY (queue, seq, child, waiter, kind)
      ) WITHOUT ROWID, STRICT;

      -- Other queues that want to hear how a job of this one ends.
      CREATE TABLE watcher (
        seq INTEGER NOT NULL, child INTEGER NOT NULL, queue INTEGER NOT NULL,
        PRIMARY KEY (seq, child, queue)
      ) WITHOUT ROWID, STRICT;

      CREATE TABLE definition (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, revision INTEGER NOT NULL, body TEXT NOT NULL
      ) STRICT;
    `,
  },
  {
    id: 'queue-consumables-1',
    sql: `
      -- Jobs by the consumable resources they need.
      CREATE TABLE consumer (
        seq INTEGER NOT NULL, resource TEXT NOT NULL, PRIMARY KEY (seq, resource)
      ) WITHOUT ROWID, STRICT;
      CREATE INDEX consumer_resource ON consumer (resource, seq);
    `,
  },
  {
    id: 'queue-submit-1',
    sql: `
      -- Which end of a job its waiter wants.
      ALTER TABLE dependency ADD COLUMN condition TEXT NOT NULL DEFAULT 'success'
        CHECK (condition IN ('success', 'any', 'failure'));

      -- Idempotency tokens, and beside a job those that name it: it takes them along when its history ends.
      CREATE TABLE submit_token (
        token TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, answer TEXT NOT NULL
      ) WITHOUT ROWID, STRICT;
      ALTER TABLE job ADD COLUMN tokens TEXT;

      -- The indexes of sparse arrays, apart from their jobs' rows, which are written again and again.
      CREATE TABLE array_index (seq INTEGER PRIMARY KEY, packed BLOB NOT NULL) STRICT;

      -- Children of other queues' arrays that have succeeded, a bit each, while arrays of this one follow them.
      CREATE TABLE counterpart (
        queue INTEGER NOT NULL, seq INTEGER NOT NULL, part INTEGER NOT NULL, succeeded BLOB NOT NULL,
        PRIMARY KEY (queue, seq, part)
      ) WITHOUT ROWID, STRICT;
    `,
  },
  {
    // What waits for others and arrays are found among ended jobs without a look at those.
    id: 'queue-pending-1',
    sql: `CREATE INDEX job_pending ON job (seq) WHERE state = ${jobStates.indexOf('PENDING')}`,
  },
  {
    id: 'queue-blocked-events-1',
    sql: `
      -- Times the queue was blocked, with the job at its head as it was.
      CREATE TABLE blocked_event (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, job TEXT NOT NULL) STRICT;
    `,
  },
  {
    id: 'queue-ended-1',
    sql: `
      -- Blocks of neighbouring jobs among which some have ended, by what they came to: see EndedBlocks.
      CREATE TABLE ended_block (
        state INTEGER NOT NULL, block INTEGER NOT NULL, PRIMARY KEY (state, block)
      ) WITHOUT ROWID, STRICT;
      INSERT INTO ended_block (state, block)
        SELECT DISTINCT state, seq / 64 FROM job WHERE state >= ${jobStates.indexOf('SUCCEEDED')};
    `,
  },
  {
    // One index orders each share by itself; without shares all jobs are of share 0, and it is the order of the queue.
    id: 'queue-shares-1',
    sql: `
      CREATE TABLE share (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
      INSERT INTO share (name)
        SELECT DISTINCT json_extract(request, '$.shareIdentifier') FROM job
        WHERE json_extract(request, '$.shareIdentifier') IS NOT NULL;
      ALTER TABLE job ADD COLUMN share INTEGER NOT NULL DEFAULT 0;
      UPDATE job SET share = (SELECT id FROM share WHERE name = json_extract(request, '$.shareIdentifier'))
        WHERE json_extract(request, '$.shareIdentifier') IS NOT NULL;
      DROP INDEX job_ready;
      CREATE INDEX job_ready ON job (share, priority DESC, front DESC, seq) WHERE ready = 1;
    `,
  },
  {
    // Smaller blocks: where few have ended, a page of them looks at all their neighbours.
    id: 'queue-ended-2',
    sql: `
      DELETE FROM ended_block;
      INSERT INTO ended_block (state, block)
        SELECT DISTINCT state, seq / ${endedBlockSize} FROM job WHERE state >= ${jobStates.indexOf('SUCCEEDED')};
    `,
  },
]
