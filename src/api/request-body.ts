import { limits } from '../core/limits.ts'
import { accepted, type Outcome, refused } from '../core/model/outcome.ts'

/**
 * The whole body of a request, of at most `limit` bytes; `code` is that of the refusal of a longer one. What is too long
 * is not kept but, within bounds, read to its end: a client that is cut off while it sends never sees the answer.
 */
export async function readBody(request: Request, limit: number, code: string): Promise<Outcome<Uint8Array>> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  const reader = announced > limits.discardedRequestBytes ? undefined : request.body?.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  while (reader) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.byteLength
    if (length <= limit) chunks.push(value)
    else chunks.length = 0
    if (length > limits.discardedRequestBytes) {
      await reader.cancel()
      break
    }
  }
  if (Math.max(length, announced) > limit)
    return refused(`Request body is too long: at most ${limit} bytes are accepted`, code)
  return accepted(joined(chunks, length))
}

function joined(chunks: Uint8Array[], length: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!
  const whole = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.byteLength
  }
  return whole
}
