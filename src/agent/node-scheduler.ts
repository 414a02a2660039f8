import type { Scheduler } from '../runtime/clock.ts'
import type { Logger } from './logger.ts'

/** Timers of the running process, which do not keep it running. A task that fails is reported and ends nothing else. */
export function nodeScheduler(log: Logger): Scheduler {
  return {
    later(delayMs, task) {
      const run = async () => {
        try {
          await task()
        } catch (error) {
          log(`internal error: ${(error as Error).stack ?? error}`)
        }
      }
      if (delayMs <= 0) setImmediate(run)
      else setTimeout(run, delayMs).unref()
    },
  }
}
