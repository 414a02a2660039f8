/** A place between two events of a stream, and the direction in which a reader goes on from it. */
export type PageToken = { direction: 'forward' | 'backward'; at: number }

const digits = 56

/** `f/` or `b/` and 56 decimal digits: the form of CloudWatch Logs' tokens. */
export function formatPageToken({ direction, at }: PageToken): string {
  return `${direction === 'forward' ? 'f' : 'b'}/${at.toString().padStart(digits, '0')}`
}

/** The token a text is, or undefined for what was never given out. */
export function parsePageToken(text: string): PageToken | undefined {
  const match = /^([fb])\/(\d{56})$/.exec(text)
  const at = Number(match?.[2])
  if (!match || !Number.isSafeInteger(at)) return undefined
  return { direction: match[1] === 'f' ? 'forward' : 'backward', at }
}
