import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesLogRegex, parseLogRegex } from '../../../src/core/model/log-regex.ts'

describe('parseLogRegex', () => {
  it.each([
    '(a)',
    'a**',
    'a*?',
    '*',
    'a{2,1}',
    'a{101}',
    'a{x}',
    'a$b',
    'b^',
    '[',
    '[a',
    '[z-a]',
    '!',
    'ü',
    '\\',
    '\\q',
    'a]',
    '.{100}'.repeat(3),
  ])('does not take %j', (source) => {
    expect(parseLogRegex(source)).toBeUndefined()
  })
})

describe('matchesLogRegex', () => {
  it.each<[string, string, boolean]>([
    ['^[hc]at', 'that hat', false],
    ['[hc]at$', 'that hat', true],
    ['colou?r', 'the color', true],
    ['10\\.10\\.0\\.1', '10x10.0.1', false],
    ['gray|^grey', 'a grey', false],
    ['5\\d{2} [^a-z]+$', 'status 503 BAD', true],
    ['\\x41\\S\\w', 'A-_', true],
    ['', '', true],
    ['^$', 'x', false],
    ['[^x]', 'ü', true],
  ])('%j on %j: %s', (source, line, expected) => {
    expect(matchesLogRegex(parseLogRegex(source)!, line)).toBe(expected)
  })

  it('finds what ECMAScript finds', () => {
    const single = fc.constantFrom('a', 'b', ' ', '.', '\\d', '\\W', '[ab]', '[^a]', '[a-c1]', '\\.')
    const times = fc.constantFrom('', '', '?', '*', '+', '{2}', '{1,}', '{0,2}')
    const branch = fc
      .tuple(
        fc.constantFrom('', '', '^'),
        fc.array(
          fc.tuple(single, times).map((pair) => pair.join('')),
          { maxLength: 6 },
        ),
        fc.constantFrom('', '', '$'),
      )
      .map(([start, items, end]) => start + items.join('') + end)
    const source = fc.array(branch, { minLength: 1, maxLength: 3 }).map((branches) => branches.join('|'))
    const line = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', ' ', '.', '\n', 'ü'), maxLength: 12 })
    const property = fc.property(source, line, (pattern, text) => {
      expect(matchesLogRegex(parseLogRegex(pattern)!, text)).toBe(new RegExp(pattern).test(text))
    })
    fc.assert(property, { numRuns: 2000 })
  })

  it('is not slowed down by expressions that make others go back and forth', () => {
    const regex = parseLogRegex(`${'a*'.repeat(50)}b`)!
    expect(matchesLogRegex(regex, 'a'.repeat(2_000))).toBe(false)
  })
})
