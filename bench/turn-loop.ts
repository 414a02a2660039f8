import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Scheduler } from '../src/runtime/clock.ts'

type Method = (...parameters: unknown[]) => unknown

/**
 * Gives objects in this process their turns one at a time, as the platform does, and measures the CPU of each: what runs
 * from one moment at which others may have their turn to the next.
 */
export class TurnLoop {
  private readonly tasks: (() => unknown)[] = []
  readonly scheduler: Scheduler = { later: (_, task) => void this.tasks.push(task) }

  /** An object as others see it: a call is a turn of its own there, and its answer one here. */
  remote<Rpc extends object>(rpc: Rpc): Rpc {
    const call = (method: Method) => {
      return async (...parameters: unknown[]) => {
        await this.turn()
        try {
          return await method.apply(rpc, parameters)
        } finally {
          await this.turn()
        }
      }
    }
    return new Proxy(rpc, { get: (_, name) => call(Reflect.get(rpc, name) as Method) })
  }

  /** Begins something and gives turns until nothing is left to do; returns the CPU of the longest, ms. */
  async longest(begin: () => unknown): Promise<number> {
    collectGarbage()
    let begun: unknown
    this.tasks.push(() => {
      begun = begin()
      return begun
    })
    let longest = 0
    let failure: unknown
    for (let task = this.tasks.shift(); task; task = this.tasks.shift()) {
      const before = threadCpuMs()
      // As a promise, so that a task which throws and one that rejects are told of alike.
      void (async () => task())().catch((error) => {
        failure ??= error
      })
      await new Promise((resolve) => setImmediate(resolve))
      longest = Math.max(longest, threadCpuMs() - before)
    }
    if (failure) throw failure
    await begun
    return longest
  }

  /** The next turn. */
  turn(): Promise<void> {
    return new Promise((resolve) => this.tasks.push(resolve))
  }
}

const nobody = new Int32Array(new SharedArrayBuffer(4))

/** The kernel counts a thread's time when it stops, so it stops for a moment: else the figure may be a tick (4 ms) old. */
function threadCpuMs(): number {
  Atomics.wait(nobody, 0, 0, 0.001)
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}
