import type { Scheduler } from './clock.ts'

/** The Scheduler of a Durable Object: what it starts keeps the object awake until done; errors go to the log. */
export function durableScheduler(state: Pick<DurableObjectState, 'waitUntil'>): Scheduler {
  return {
    later(delayMs, task) {
      const done = new Promise<void>((resolve) => setTimeout(resolve, delayMs)).then(task)
      state.waitUntil(done.catch((error) => console.error('a scheduled task failed:', error)))
    },
  }
}
