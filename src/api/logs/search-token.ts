import type { LogOrder, LogPlace } from '../../core/model/log-place.ts'

/** Where a search goes on, and in which direction. */
export type SearchToken = { order: LogOrder; after: LogPlace }

/** Opaque to clients: base64url of `{o|n}/{timestamp}/{number}/{stream}`. */
export function formatSearchToken({ order, after }: SearchToken): string {
  const text = `${order[0]}/${after.timestamp}/${after.number}/${after.stream}`
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** The token a text is, or undefined for what was never given out. */
export function parseSearchToken(text: string): SearchToken | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return undefined
  const match = /^([on])\/(-?\d{1,16})\/(-?\d{1,16})\/(.*)$/s.exec(decode(text))
  if (!match) return undefined
  const [, direction, timestamp, number, stream] = match
  return {
    order: direction === 'o' ? 'oldest-first' : 'newest-first',
    after: { timestamp: Number(timestamp), number: Number(number), stream: stream! },
  }
}

function decode(text: string): string {
  try {
    const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)))
  } catch {
    return ''
  }
}
