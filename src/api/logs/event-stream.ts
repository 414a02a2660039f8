/** One message of an event stream. An exception ends its stream. */
export type EventMessage = { event: string; payload: object } | { exception: string; payload: object }

/**
 * Encodes `application/vnd.amazon.eventstream`: total and header length, their CRC-32, headers, JSON payload, and the
 * CRC-32 of all before it. https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export function encodeEventMessage(message: EventMessage): Uint8Array {
  const headers = joined(
    'event' in message
      ? [header(':message-type', 'event'), header(':event-type', message.event), jsonContent]
      : [header(':message-type', 'exception'), header(':exception-type', message.exception), jsonContent],
  )
  const payload = utf8.encode(JSON.stringify(message.payload))
  const encoded = new Uint8Array(12 + headers.length + payload.length + 4)
  const view = new DataView(encoded.buffer)
  view.setUint32(0, encoded.length)
  view.setUint32(4, headers.length)
  view.setUint32(8, crc32(encoded.subarray(0, 8)))
  encoded.set(headers, 12)
  encoded.set(payload, 12 + headers.length)
  view.setUint32(encoded.length - 4, crc32(encoded.subarray(0, encoded.length - 4)))
  return encoded
}

const utf8 = new TextEncoder()
/** A header's value is a string. */
const stringType = 7
const jsonContent = header(':content-type', 'application/json')

function header(name: string, value: string): Uint8Array {
  const [nameBytes, valueBytes] = [utf8.encode(name), utf8.encode(value)]
  return joined([
    Uint8Array.of(nameBytes.length),
    nameBytes,
    Uint8Array.of(stringType, valueBytes.length >> 8, valueBytes.length & 0xff),
    valueBytes,
  ])
}

function joined(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 0xff]!
  return (crc ^ 0xffffffff) >>> 0
}
