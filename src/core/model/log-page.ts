import { limits } from '../limits.ts'
import { logEventBytes } from './log.ts'
import { comparePlaces, type LogOrder, type LogPlace } from './log-place.ts'

/** The events that make one page, in order: at most `most`, and one or as many as 1 MiB holds. */
export function cutLogPage<Event extends LogPlace & { message: string }>(
  order: LogOrder,
  events: Event[],
  most: number,
): Event[] {
  const sorted = events.toSorted((a, b) => comparePlaces(order, a, b))
  let bytes = 0
  let count = 0
  for (; count < Math.min(sorted.length, most); count++) {
    bytes += logEventBytes(sorted[count]!.message)
    if (count > 0 && bytes > limits.logPageBytes) break
  }
  return sorted.slice(0, count)
}
