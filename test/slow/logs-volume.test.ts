import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { limits } from '../../src/core/limits.ts'
import type { LogEvent } from '../../src/core/model/log.ts'
import { Logs } from '../../src/objects/logs/logs.ts'
import { NodeSql } from '../../src/runtime/node-sql.ts'

const group = '/aws/batch/job'
const stream = 'job/default/1'

describe('a job that prints 100 MB', () => {
  it('reads back page by page exactly as it was printed, in few rows', async () => {
    const sql = new NodeSql()
    const logs = new Logs({ sql, clock: { now: () => 1 } })
    const opened = sql.rowsWritten()
    const printed = createHash('sha256')
    const line = 'x'.repeat(990)
    let first = 0
    for (let flush = 0; flush < 420; flush++) {
      const events = Array.from({ length: 250 }, (_, i): LogEvent => [flush, `${line} ${first + i}`])
      for (const [, message] of events) printed.update(message)
      await logs.append([{ group, stream, first, events }])
      first += events.length
    }
    expect(sql.rowsWritten() - opened).toBeLessThan(2 * 420)

    const read = createHash('sha256')
    let count = 0
    let nextToken: string | undefined
    for (;;) {
      const query = { group, stream, limit: limits.logPageEvents, startFromHead: true }
      const outcome = await logs.getEvents(nextToken === undefined ? query : { ...query, nextToken })
      if (!outcome.ok) throw new Error(outcome.refusal.message)
      if (outcome.value.events.length === 0) break
      for (const { message } of outcome.value.events) read.update(message)
      count += outcome.value.events.length
      nextToken = outcome.value.nextForwardToken
    }
    expect(count).toBe(first)
    expect(read.digest('hex')).toBe(printed.digest('hex'))
  })
})
