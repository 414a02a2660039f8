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
