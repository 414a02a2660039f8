import { EventStreamCodec } from '@smithy/core/event-streams'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeEventMessage } from '../../../src/api/logs/event-stream.ts'

const text = { from: new TextDecoder(), to: new TextEncoder() }
const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : text.from.decode(bytes)),
  (string) => text.to.encode(string),
)

/** What an SDK makes of a message; it checks both sums. */
function decoded(message: Uint8Array) {
  const { headers, body } = codec.decode(message)
  const values = Object.entries(headers).map(([name, { value }]) => [name, value])
  return { headers: Object.fromEntries(values), payload: JSON.parse(text.from.decode(body)) }
}

describe('encodeEventMessage', () => {
  it('writes events and exceptions that SDKs read', () => {
    const payload = { message: 'ü 😀' }
    expect(decoded(encodeEventMessage({ event: 'sessionUpdate', payload }))).toEqual({
      headers: {
        ':message-type': 'event',
        ':event-type': 'sessionUpdate',
        ':content-type': 'application/json',
      },
      payload,
    })
    expect(decoded(encodeEventMessage({ exception: 'SessionTimeoutException', payload }))).toEqual({
      headers: {
        ':message-type': 'exception',
        ':exception-type': 'SessionTimeoutException',
        ':content-type': 'application/json',
      },
      payload,
    })
  })

  it('carries any payload', () => {
    const property = fc.property(fc.dictionary(fc.string(), fc.string({ unit: 'binary' })), (payload) => {
      const expected = JSON.parse(JSON.stringify(payload))
      expect(decoded(encodeEventMessage({ event: 'e', payload })).payload).toEqual(expected)
    })
    fc.assert(property)
  })
})
