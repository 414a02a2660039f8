import { hash53 } from './ids.ts'

/** An event's place among all events of a group: by time, then stream, then its number in the stream. */
export type LogPlace = { timestamp: number; stream: string; number: number }

export type LogOrder = 'oldest-first' | 'newest-first'

/** Negative where `a` stands before `b`. */
export function comparePlaces(order: LogOrder, a: LogPlace, b: LogPlace): number {
  const ascending =
    a.timestamp - b.timestamp || (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : a.number - b.number)
  return order === 'oldest-first' ? ascending : -ascending
}

/** The last place before every event that was read at `edge`, in that order. */
export function placeBefore(order: LogOrder, edge: number): LogPlace {
  return order === 'oldest-first'
    ? { timestamp: edge - 1, stream: '\uffff', number: Number.MAX_SAFE_INTEGER }
    : { timestamp: edge + 1, stream: '', number: -1 }
}

/** 56 decimal digits, as CloudWatch Logs' event ids: the same for an event whenever it is asked for. */
export function logEventId(group: string, { timestamp, stream, number }: LogPlace): string {
  const digits = (value: number, width: number) => value.toString().padStart(width, '0')
  return digits(timestamp, 20) + digits(hash53(`${group}\n${stream}`), 18) + digits(number, 18)
}
