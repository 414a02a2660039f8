import { limits } from '../../core/limits.ts'
import { logLineTest } from '../../core/model/log-filter.ts'
import { cutLogPage } from '../../core/model/log-page.ts'
import { comparePlaces, type LogPlace, placeBefore } from '../../core/model/log-place.ts'
import type { FoundEvent, LogSearchPage, SearchLogs } from './logs-rpc.ts'
import type { FoundChunk, LogsStore } from './logs-store.ts'
import { unpackEvents } from './packed-events.ts'

/** Chunks that are looked up at a time: few first, as many pages need no more, then more, as each look costs the same. */
const lookupFirst = 512
const lookupMost = 16_384
/** What finding and opening a chunk counts beside its size. */
const chunkOverhead = 256

/**
 * Sweeps over the chunks of the streams in the order of their edges. What was found before the next chunk's edge is
 * complete; the rest waits for the chunks that overlap it. A page ends when it is full, or, once it has come beyond
 * where it began, when it has read enough.
 */
export function searchLogs(
  store: LogsStore,
  query: SearchLogs,
): Pick<LogSearchPage, 'events' | 'searchedTo'> {
  const from = nextPlaces(query)
  const isWanted = logLineTest(query.filter)
  let found: FoundEvent[] = []
  let isCut = false
  let [size, sizeAtCut, countAtCut] = [0, 0, 0]
  const cut = () => {
    const page = cutLogPage(query.order, found, query.limit)
    isCut ||= page.length < found.length
    found = page
    sizeAtCut = size
    countAtCut = page.length
  }
  for (const chunk of chunksInOrder(store, from)) {
    const edge = placeBefore(query.order, chunk.edge)
    if (isCut && comparePlaces(query.order, found[countAtCut - 1]!, edge) <= 0) break
    if (size > limits.logSearchSize && (!query.after || comparePlaces(query.order, query.after, edge) < 0)) {
      found = found.filter((event) => comparePlaces(query.order, event, edge) <= 0)
      cut()
      return { events: found, searchedTo: isCut ? placeOf(found.at(-1)!) : edge }
    }
    for (const event of eventsInRange(store, from, chunk))
      if (
        (!isCut || comparePlaces(query.order, event, found[countAtCut - 1]!) < 0) &&
        isWanted(event.message)
      )
        found.push(event)
    size += chunk.size + chunkOverhead
    const isOverfull = found.length > query.limit && (found.length - countAtCut) * 4 >= query.limit
    if (isOverfull || size - sizeAtCut > 4 * limits.logPageBytes) cut()
  }
  cut()
  return isCut ? { events: found, searchedTo: placeOf(found.at(-1)!) } : { events: found }
}

/** The query, with the times before its first place left out. */
function nextPlaces(query: SearchLogs): SearchLogs {
  const { after, order } = query
  if (!after) return query
  return order === 'oldest-first'
    ? { ...query, startTime: Math.max(query.startTime, after.timestamp) }
    : { ...query, endTime: Math.min(query.endTime, after.timestamp + 1) }
}

function* chunksInOrder(store: LogsStore, query: SearchLogs): Generator<FoundChunk> {
  let last: FoundChunk | undefined
  for (let lookup = lookupFirst; ; lookup = Math.min(4 * lookup, lookupMost)) {
    const chunks = store.findChunks(query, last, lookup)
    yield* chunks
    if (chunks.length < lookup) return
    last = chunks.at(-1)
  }
}

function eventsInRange(store: LogsStore, query: SearchLogs, { stream, first }: FoundChunk): FoundEvent[] {
  return unpackEvents(store.loadEvents({ group: query.group, stream }, first))
    .map((event, index) => ({ ...event, stream, number: first + index }))
    .filter(
      (event) =>
        event.timestamp >= query.startTime &&
        event.timestamp < query.endTime &&
        (!query.after || comparePlaces(query.order, query.after, event) < 0),
    )
}

function placeOf({ timestamp, stream, number }: FoundEvent): LogPlace {
  return { timestamp, stream, number }
}
