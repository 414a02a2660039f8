import { NodeSql } from '../../src/runtime/node-sql.ts'
import type { Alarm } from '../../src/runtime/timers.ts'
import { Life, type World } from './world.ts'

/** What an object is built from in one of its lives. */
export type Birth = { life: Life; sql: NodeSql; alarm: Alarm; armed: number | null }

/**
 * A Durable Object of the simulation: its storage and its alarm outlive its process, which may be killed at any moment
 * between two events and is built anew by whatever reaches the object next.
 */
export class SimObject<Instance extends { alarm(): void }> {
  private readonly world: World
  private readonly sql = new NodeSql()
  private readonly build: (birth: Birth) => Instance
  private armed: number | null = null
  private current: { life: Life; instance: Instance } | undefined
  restarts = 0

  constructor(world: World, build: (birth: Birth) => Instance) {
    this.world = world
    this.build = build
  }

  /** The living object. */
  get(): { life: Life; rpc: Instance } {
    if (!this.current) {
      const life = new Life(this.world)
      const instance = this.build({
        life,
        sql: this.sql,
        alarm: { set: (at) => this.arm(at) },
        armed: this.armed,
      })
      this.current = { life, instance }
    }
    return { life: this.current.life, rpc: this.current.instance }
  }

  kill(): void {
    this.current?.life.end()
    this.current = undefined
    this.restarts++
  }

  private arm(at: number | null): void {
    this.armed = at
    if (at === null) return
    this.world.at(at - this.world.now(), () => {
      if (this.armed !== at) return
      this.armed = null
      this.get().rpc.alarm()
    })
  }
}
