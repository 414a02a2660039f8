import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StampedLines } from '../../src/agent/docker-log-reader.ts'

const time = '2026-11-23T00:13:20.123456789Z'
const stamp = String(Date.parse(time))

function aFrame(stream: 1 | 2, text: string): Buffer {
  const payload = Buffer.from(`${time} ${text}`)
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(payload.length, 4)
  return Buffer.concat([header, payload])
}

describe('StampedLines', () => {
  it('stamps every line with its time', () => {
    const lines = new StampedLines()
    const bytes = lines.push(Buffer.concat([aFrame(1, 'one\n'), aFrame(2, 'two words\n'), aFrame(1, '\n')]))
    expect(bytes.toString()).toBe(`${stamp} one\n${stamp} two words\n${stamp} \n`)
  })

  it('makes one line again of one that the engine keeps in pieces', () => {
    const lines = new StampedLines()
    expect(lines.push(Buffer.concat([aFrame(1, 'aaa'), aFrame(1, 'bbb\n')])).toString()).toBe(
      `${stamp} aaabbb\n`,
    )
  })

  it('does not mix the streams within a line', () => {
    const lines = new StampedLines()
    const bytes = lines.push(Buffer.concat([aFrame(1, 'out'), aFrame(2, 'err\n'), aFrame(1, 'put\n')]))
    expect(bytes.toString()).toBe(`${stamp} out\n${stamp} err\n${stamp} put\n`)
  })

  it('gives the same bytes however the frames arrive', () => {
    const log = Buffer.concat([aFrame(1, 'a\n'), aFrame(2, 'bc'), aFrame(2, 'd\n'), aFrame(1, 'e')])
    const whole = new StampedLines().push(log)
    const cutting = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 50 })
    fc.assert(
      fc.property(cutting, (sizes) => {
        const lines = new StampedLines()
        const parts: Buffer[] = []
        let at = 0
        for (const size of [...sizes, log.length]) {
          parts.push(lines.push(log.subarray(at, at + size)))
          at = Math.min(log.length, at + size)
        }
        expect(Buffer.concat(parts)).toEqual(whole)
      }),
    )
  })
})
