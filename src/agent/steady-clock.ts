import type { Clock } from '../runtime/clock.ts'

/**
 * The wall clock, but never set back and never slower than the machine runs: what an agent counts its lease by, so that
 * a clock that is corrected cannot make it outlive the environment's count.
 */
export function steadyClock(wall = () => Date.now(), elapsed = () => performance.now()): Clock {
  let at = wall()
  let read = elapsed()
  return {
    now() {
      const passed = elapsed()
      at = Math.max(wall(), at + Math.floor(passed - read))
      read += Math.floor(passed - read)
      return at
    },
  }
}
