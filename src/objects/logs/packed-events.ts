import type { LogEvent } from '../../core/model/log.ts'

/** Consecutive events packed as text: one line of JSON, `[ingestedAt, [[timestamp, message], …]]`. Packs join with a line feed. */
export type Pack = { text: string; count: number; earliestAt: number; latestAt: number }

export type StoredEvent = { timestamp: number; message: string; ingestionTime: number }

/** Packs events into texts of at most `sizeMost` UTF-16 units each, but always at least one event. */
export function packEvents(events: LogEvent[], ingestedAt: number, sizeMost: number): Pack[] {
  const packs: Pack[] = []
  let parts: string[] = []
  let size = 0
  let from = 0
  const close = (to: number) => {
    const times = events.slice(from, to).map(([timestamp]) => timestamp)
    packs.push({
      text: `[${ingestedAt},[${parts.join(',')}]]`,
      count: parts.length,
      earliestAt: times.reduce((a, b) => Math.min(a, b)),
      latestAt: times.reduce((a, b) => Math.max(a, b)),
    })
    parts = []
    size = 0
    from = to
  }
  events.forEach((event, index) => {
    const part = JSON.stringify(event)
    if (parts.length > 0 && size + part.length > sizeMost) close(index)
    parts.push(part)
    size += part.length + 1
  })
  if (parts.length > 0) close(events.length)
  return packs
}

/** The events of joined packs, in order. */
export function unpackEvents(text: string): StoredEvent[] {
  return text.split('\n').flatMap((line) => {
    const [ingestionTime, events] = JSON.parse(line) as [number, LogEvent[]]
    return events.map(([timestamp, message]) => ({ timestamp, message, ingestionTime }))
  })
}
