import { present } from '../../core/assert.ts'
import type { ConsumableNeed, ConsumableResource, ConsumableType } from '../../core/model/consumable.ts'
import type { Sql } from '../../runtime/sql.ts'
import type { ListConsumables } from './consumables-rpc.ts'

type ResourceRow = {
  name: string
  type: ConsumableType
  total: number
  in_use: number
  created_at: number
  tags: string
}
export type Holding = ConsumableNeed & { holder: string }

/** All SQL of the consumable resources. Methods that write belong into the owner's transaction. */
export class ConsumablesStore {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  count(): number {
    return present(this.sql.one<{ n: number }>('SELECT count(*) AS n FROM resource'), 'count').n
  }

  resource(name: string): ConsumableResource | undefined {
    const row = this.sql.one<ResourceRow>('SELECT * FROM resource WHERE name = ?', name)
    return row && resourceOf(row)
  }

  insert(resource: ConsumableResource): void {
    this.sql.run(
      'INSERT INTO resource (name, type, total, in_use, created_at, tags) VALUES (?, ?, ?, ?, ?, ?)',
      resource.name,
      resource.type,
      resource.total,
      resource.inUse,
      resource.createdAt,
      JSON.stringify(resource.tags),
    )
  }

  update(resource: ConsumableResource): void {
    this.sql.run(
      'UPDATE resource SET total = ?, in_use = ?, tags = ? WHERE name = ?',
      resource.total,
      resource.inUse,
      JSON.stringify(resource.tags),
      resource.name,
    )
  }

  /** With what is held of it. */
  delete(name: string): void {
    this.sql.run('DELETE FROM resource WHERE name = ?', name)
    this.sql.run('DELETE FROM holding WHERE resource = ?', name)
  }

  /** By name; one more than the page, where there is more. */
  list({ names, maxResults, after }: ListConsumables): ConsumableResource[] {
    const wanted = names.map((name) =>
      name.endsWith('*')
        ? {
            test: 'substr(lower(name), 1, ?) = ?',
            values: [name.length - 1, name.slice(0, -1).toLowerCase()],
          }
        : { test: 'lower(name) = ?', values: [name.toLowerCase()] },
    )
    const filter = wanted.length > 0 ? `AND (${wanted.map(({ test }) => test).join(' OR ')})` : ''
    return this.sql
      .all<ResourceRow>(
        `SELECT * FROM resource WHERE name > ? ${filter} ORDER BY name LIMIT ?`,
        after ?? '',
        ...wanted.flatMap(({ values }) => values),
        maxResults + 1,
      )
      .map(resourceOf)
  }

  holders(queue: number): string[] {
    return this.sql
      .all<{ holder: string }>('SELECT DISTINCT holder FROM holding WHERE queue = ?', queue)
      .map(({ holder }) => holder)
  }

  holdings(queue: number, holder: string): Holding[] {
    return this.sql.all(
      'SELECT holder, resource, quantity FROM holding WHERE queue = ? AND holder = ?',
      queue,
      holder,
    )
  }

  insertHolding(queue: number, { holder, resource, quantity }: Holding): void {
    this.sql.run(
      'INSERT INTO holding (queue, holder, resource, quantity) VALUES (?, ?, ?, ?)',
      queue,
      holder,
      resource,
      quantity,
    )
  }

  deleteHoldings(queue: number, holder: string): void {
    this.sql.run('DELETE FROM holding WHERE queue = ? AND holder = ?', queue, holder)
  }

  addWaiting(resource: string, queue: number, wanted: number): void {
    this.sql.run(
      `INSERT INTO waiting (resource, queue, wanted) VALUES (?, ?, ?) ON CONFLICT (resource, queue)
       DO UPDATE SET wanted = excluded.wanted WHERE excluded.wanted < waiting.wanted`,
      resource,
      queue,
      wanted,
    )
  }

  /** The queues that wait for at most `free`, taken off the list. */
  takeWaiting(resource: string, free: number): number[] {
    const rows = this.sql.all<{ queue: number }>(
      'SELECT queue FROM waiting WHERE resource = ? AND wanted <= ?',
      resource,
      free,
    )
    if (rows.length > 0)
      this.sql.run('DELETE FROM waiting WHERE resource = ? AND wanted <= ?', resource, free)
    return rows.map(({ queue }) => queue)
  }

  /** What an update answered that was made under a token since `oldest`. */
  tokenAnswer(request: string, oldest: number): number | undefined {
    return this.sql.one<{ total: number }>(
      'SELECT total FROM client_token WHERE request = ? AND at >= ?',
      request,
      oldest,
    )?.total
  }

  /** Forgets tokens from before `oldest`, a few at a time: they stand in the order in which they came. */
  saveToken(request: string, at: number, total: number, oldest: number): void {
    this.sql.run(
      'DELETE FROM client_token WHERE id IN (SELECT id FROM client_token ORDER BY id LIMIT 10) AND at < ?',
      oldest,
    )
    this.sql.run('DELETE FROM client_token WHERE request = ?', request)
    this.sql.run('INSERT INTO client_token (request, at, total) VALUES (?, ?, ?)', request, at, total)
  }
}

function resourceOf(row: ResourceRow): ConsumableResource {
  return {
    name: row.name,
    type: row.type,
    total: row.total,
    inUse: row.in_use,
    createdAt: row.created_at,
    tags: JSON.parse(row.tags),
  }
}
