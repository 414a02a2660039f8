import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AttemptKey,
  formatAttemptId,
  formatInstanceId,
  formatJobId,
  hash53,
  type JobTarget,
  maxArrayIndex,
  maxNodeIndex,
  maxQueueNumber,
  maxSequence,
  parseAttemptId,
  parseJobId,
} from '../../../src/core/model/ids.ts'

const salt = 'this deployment'
const queue = fc.integer({ min: 0, max: maxQueueNumber })
const seq = fc.integer({ min: 0, max: maxSequence })
/** Of an array's child, of a node, or of neither. */
const part = fc.oneof(
  fc.constant({}),
  fc.record({ index: fc.integer({ min: 0, max: maxArrayIndex }) }),
  fc.record({ node: fc.integer({ min: 0, max: maxNodeIndex }) }),
)
const jobTarget: fc.Arbitrary<JobTarget> = fc
  .record({ queue, seq, shard: fc.nat(255), part })
  .map(({ part, ...key }) => ({ ...key, ...part }))
const attemptKey: fc.Arbitrary<AttemptKey> = fc
  .record({ queue, seq, part, attempt: fc.integer({ min: 1, max: 255 }) })
  .map(({ part, ...key }) => ({ ...key, ...part }))

/** A text with one hex digit of it replaced by another. */
function tamper(text: string, at: number, by: number): string {
  const places = [...text.matchAll(/[0-9a-f]/g)].map((match) => match.index)
  const place = places[at % places.length]!
  const digit = ((Number.parseInt(text[place]!, 16) + 1 + (by % 15)) % 16).toString(16)
  return text.slice(0, place) + digit + text.slice(place + 1)
}

describe('job ids', () => {
  it('come back as what they were made from', () => {
    fc.assert(
      fc.property(jobTarget, (target) => {
        expect(parseJobId(formatJobId(target, salt), salt)).toEqual(target)
      }),
    )
  })

  it('are UUIDs of version 8, with the index behind a colon or the node behind a hash', () => {
    fc.assert(
      fc.property(jobTarget, (target) => {
        const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
        const [id, mark, suffix] = formatJobId(target, salt).split(/([:#])/)
        expect(id).toMatch(uuid)
        expect(suffix).toBe((target.index ?? target.node)?.toString())
        if (mark) expect(mark).toBe(target.node === undefined ? ':' : '#')
      }),
    )
  })

  it('of another deployment are unknown', () => {
    fc.assert(
      fc.property(jobTarget, (target) => {
        expect(parseJobId(formatJobId(target, 'another'), salt)).toBeUndefined()
      }),
    )
  })

  it('are recognised in upper case, as UUIDs are', () => {
    const target = { queue: 0xabc, shard: 0, seq: 0xdef, index: 12 }
    expect(parseJobId(formatJobId(target, salt).toUpperCase(), salt)).toEqual(target)
  })

  it('do not stand a changed digit', () => {
    fc.assert(
      fc.property(jobTarget, fc.nat(31), fc.nat(), (target, at, by) => {
        const { index: _, node: __, ...whole } = target
        expect(parseJobId(tamper(formatJobId(whole, salt), at, by), salt)).toBeUndefined()
      }),
    )
  })

  it('are not found in garbage', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseJobId(text, salt)).toBeUndefined()
      }),
    )
    const id = formatJobId({ queue: 1, shard: 0, seq: 1 }, salt)
    for (const text of [
      `${id}:`,
      `${id}:01`,
      `${id}:-1`,
      `${id}#`,
      `${id}#01`,
      `${id}#4095`,
      `${id}#0:0`,
      `${id}:16777215`,
      `${id}:99999999999`,
      ` ${id}`,
      `${id}\n`,
    ])
      expect(parseJobId(text, salt)).toBeUndefined()
  })

  it('keep neighbouring jobs apart', () => {
    const ids = Array.from({ length: 2_000 }, (_, seq) => formatJobId({ queue: 1, shard: 0, seq }, salt))
    expect(new Set(ids).size).toBe(2_000)
  })

  it('are refused for numbers out of range', () => {
    for (const key of [
      { queue: maxQueueNumber + 1, shard: 0, seq: 1 },
      { queue: 1, shard: 256, seq: 1 },
      { queue: 1, shard: 0, seq: maxSequence + 1 },
      { queue: 1, shard: 0, seq: -1 },
    ])
      expect(() => formatJobId(key, salt)).toThrow()
  })
})

describe('attempt ids', () => {
  it('come back as what they were made from', () => {
    fc.assert(
      fc.property(attemptKey, (key) => {
        const id = formatAttemptId(key, salt)
        expect(id).toMatch(/^[0-9a-f]{32}$/)
        expect(parseAttemptId(id, salt)).toEqual(key)
      }),
    )
  })

  it('of another deployment are unknown', () => {
    // 20 bits tell: of 200 none may pass with these fixed keys.
    const ids = Array.from({ length: 200 }, (_, seq) =>
      formatAttemptId({ queue: 1, seq, attempt: 1 }, 'another'),
    )
    expect(ids.filter((id) => parseAttemptId(id, salt))).toEqual([])
  })

  it('are not found in garbage', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseAttemptId(text, salt)).toBeUndefined()
      }),
    )
    const id = formatAttemptId({ queue: 1, seq: 1, attempt: 1 }, salt)
    for (const text of [id.toUpperCase().replace('0', 'A'), `${id}0`, id.slice(1), '0'.repeat(32)])
      expect(parseAttemptId(text, salt)).toBeUndefined()
  })

  it('are refused for attempt numbers out of range', () => {
    for (const attempt of [0, 256])
      expect(() => formatAttemptId({ queue: 1, seq: 1, attempt }, salt)).toThrow('out of range')
  })
})

describe('formatInstanceId', () => {
  it('has the form that clients parse', () => {
    expect(formatInstanceId('0123456789abcdef0123456789abcdef')).toBe('i-0123456789abcdef0')
  })
})

describe('hash53', () => {
  it('never changes: log streams are found by it', () => {
    expect(hash53('')).toBe(3338908027751811)
    expect(hash53('/aws/batch/job\ndefinition/default/0')).toBe(8450974954825175)
  })
})
