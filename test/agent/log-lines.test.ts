import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutLines } from '../../src/agent/log-lines.ts'

const fresh = { continued: false, flush: true, limit: 64 }

function textsOf(bytes: Buffer | string, options: Partial<typeof fresh> = {}): string[] {
  return cutLines(Buffer.from(bytes), { ...fresh, ...options }).lines.map(({ text }) => text)
}

describe('cutLines', () => {
  it('makes one event of every line, empty ones too', () => {
    expect(textsOf('one\n\nthree\n')).toEqual(['one', '', 'three'])
  })

  it('keeps back a line whose newline has not come, unless told to flush', () => {
    expect(textsOf('one\ntw', { flush: false })).toEqual(['one'])
    expect(textsOf('one\ntw', { flush: true })).toEqual(['one', 'tw'])
  })

  it('takes a newline behind a line already cut as its end, not as an empty line', () => {
    expect(textsOf('\nnext\n', { continued: true })).toEqual(['next'])
    expect(cutLines(Buffer.from('\n'), { ...fresh, continued: true })).toEqual({ lines: [], consumed: 1 })
    expect(textsOf('\nnext\n', { continued: false })).toEqual(['', 'next'])
  })

  it('cuts a line that is too long, also before its newline has come, and adds no empty event', () => {
    expect(textsOf(`${'x'.repeat(128)}\ny\n`)).toEqual(['x'.repeat(64), 'x'.repeat(64), 'y'])
    expect(textsOf('x'.repeat(100), { flush: false })).toEqual(['x'.repeat(64)])
  })

  it('cuts between characters', () => {
    expect(textsOf(`${'x'.repeat(62)}€€\n`)).toEqual(['x'.repeat(62), '€€'])
  })

  it('replaces what is no UTF-8, and NUL', () => {
    expect(textsOf(Buffer.from([0x61, 0xff, 0, 0x62, 10]))).toEqual(['a\ufffd\ufffdb'])
  })

  it('keeps events within the limit whatever the bytes become', () => {
    for (const text of textsOf(Buffer.alloc(64, 0xff)))
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(64)
    const controls = textsOf(Buffer.alloc(64, 1))
    for (const text of controls) expect(JSON.stringify(text).length).toBeLessThanOrEqual(128)
    expect(controls.join('').length).toBe(64)
  })

  const anyBytes = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(10, 0, 0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f) },
      fc.integer({ min: 0, max: 255 }),
    ),
    { maxLength: 400 },
  )

  it('consumes every byte once, in order', () => {
    fc.assert(
      fc.property(anyBytes, fc.integer({ min: 32, max: 64 }), (numbers, limit) => {
        const bytes = Buffer.from(numbers)
        const { lines, consumed } = cutLines(bytes, { continued: false, flush: true, limit })
        expect(consumed).toBe(bytes.length)
        let at = 0
        for (const { start, end, text } of lines) {
          expect(bytes.subarray(at, start).every((byte) => byte === 10)).toBe(true)
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit)
          at = end
        }
      }),
    )
  })

  it('cuts the beginning of what it has cut just the same again', () => {
    const property = fc.property(
      anyBytes,
      fc.integer({ min: 32, max: 64 }),
      fc.nat(),
      fc.boolean(),
      fc.boolean(),
      (numbers, limit, pick, continued, flush) => {
        const bytes = Buffer.from(numbers)
        const { lines } = cutLines(bytes, { continued, flush, limit })
        if (lines.length === 0) return
        const count = 1 + (pick % lines.length)
        const beginning = bytes.subarray(0, lines[count - 1]!.end)
        const again = cutLines(beginning, { continued, flush: true, limit })
        expect(again.lines).toEqual(lines.slice(0, count))
      },
    )
    fc.assert(property, { numRuns: 2000 })
  })
})
