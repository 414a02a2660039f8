import type { LogEvent } from '../../src/core/model/log.ts'

/** `count` events, a second apart, each naming its number. */
export function logEvents(count: number, first = 0): LogEvent[] {
  return Array.from({ length: count }, (_, i) => [1_000_000 + (first + i) * 1000, `line ${first + i}`])
}
