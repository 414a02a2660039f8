/** One printed line: when it was read (epoch ms) and its text. */
export type LogEvent = [timestamp: number, message: string]

/** Consecutive events of one stream. `first` is the number of `events[0]` in the stream, from 0: a repeat is recognised. */
export type LogBatch = { group: string; stream: string; first: number; events: LogEvent[] }

export type LogStreamView = {
  group: string
  stream: string
  createdAt: number
  firstEventAt?: number
  lastEventAt?: number
  lastIngestedAt?: number
}

/** What CloudWatch Logs counts for an event: its message in UTF-8 and 26 bytes. */
export function logEventBytes(message: string): number {
  return new TextEncoder().encode(message).length + 26
}
