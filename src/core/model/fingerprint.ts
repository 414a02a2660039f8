import { hash53 } from './ids.ts'

/** Tells two requests apart, whatever the order of their members. Not for secrets: it is no cryptographic digest. */
export function fingerprint(value: unknown): string {
  const text = JSON.stringify(value, sorted)
  return `${hash53(text).toString(36)}.${hash53(text, 1).toString(36)}`
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}
