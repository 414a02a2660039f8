/** One event and the bytes `[start, end)` it was cut from, its newline among them. */
export type CutLine = { text: string; start: number; end: number }

export type CutOptions = {
  /** The bytes go on from a line that was already cut: a newline at their very beginning only ends it. */
  continued: boolean
  /** The last line is cut as it is, though its newline has not come. */
  flush: boolean
  /** Longest event, bytes of UTF-8; as JSON it may have twice as many. */
  limit: number
}

const newline = 10

/**
 * Cuts printed bytes into events, one a line: without its newline, and in pieces where it is longer than `limit`.
 * Bytes that are no UTF-8 become U+FFFD, and so does NUL; no piece ends inside a character. `consumed` may lie behind
 * the last event's end, by a newline that had nothing left to end. Cutting what some of the first events were cut from
 * once more, with `flush`, gives the same events.
 */
export function cutLines(bytes: Buffer, options: CutOptions): { lines: CutLine[]; consumed: number } {
  const lines: CutLine[] = []
  let at = 0
  let continued = options.continued
  while (at < bytes.length) {
    const found = bytes.indexOf(newline, at)
    if (continued && found === at) {
      at++
      continued = false
      continue
    }
    const lineEnd = found < 0 ? bytes.length : found
    const piece = firstPiece(bytes, at, lineEnd, options.limit)
    const endsLine = found >= 0 && piece.end === lineEnd
    if (!endsLine && !piece.full && !options.flush) break
    const end = endsLine ? lineEnd + 1 : piece.end
    lines.push({ text: piece.text, start: at, end })
    continued = !endsLine
    at = end
  }
  return { lines, consumed: at }
}

/**
 * The longest beginning of `bytes[from, to)` that is one event; `full` when no more had room. It grows by steps, each
 * decoded by itself, so that where it ends depends on nothing behind the step that was too much.
 */
function firstPiece(bytes: Buffer, from: number, to: number, limit: number) {
  const furthest = Math.min(to, from + limit)
  const step = Math.max(4, limit >> 3)
  let [end, text, size, sizeAsJson] = [from, '', 0, 0]
  while (end < furthest) {
    const aim = Math.min(furthest, end + step)
    const next = aim === to ? to : characterEnd(bytes, end, aim)
    if (next === end) break
    const more = decode(bytes, end, next)
    if (end > from || next < to) {
      size += Buffer.byteLength(more)
      sizeAsJson += Buffer.byteLength(JSON.stringify(more)) - 2
      if (size > limit || sizeAsJson > 2 * limit) break
    }
    text += more
    end = next
  }
  return { text, end, full: end < to || to - from === limit }
}

function decode(bytes: Buffer, from: number, to: number): string {
  const text = bytes.toString('utf8', from, to)
  return text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text
}

/** The end of the last whole character of `bytes[from, to)`; `to` itself where the tail begins none. */
export function characterEnd(bytes: Buffer, from: number, to: number): number {
  for (let back = 1; back <= 3 && to - back >= from; back++) {
    const byte = bytes[to - back]!
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? to - back : to
  }
  return to
}
