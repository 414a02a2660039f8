import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { everyLine, logLineTest, parseLogFilter } from '../../../src/core/model/log-filter.ts'

function parsed(pattern: string) {
  const outcome = parseLogFilter(pattern)
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  return outcome.value
}

describe('parseLogFilter', () => {
  it.each<[string, object]>([
    ['', {}],
    ['  ', {}],
    ['" "', {}],
    ['ERROR', { all: ['ERROR'] }],
    ['ERROR  time_out', { all: ['ERROR', 'time_out'] }],
    ['"INTERNAL SERVER ERROR" über', { all: ['INTERNAL SERVER ERROR', 'über'] }],
    ['?ERROR ?"a b"', { any: ['ERROR', 'a b'] }],
    ['ERROR -ARGUMENTS -"x-y"', { all: ['ERROR'], none: ['ARGUMENTS', 'x-y'] }],
    ['%50[0-9] [a-z]+% -%x%', { all: [{ regex: '50[0-9] [a-z]+' }], none: [{ regex: 'x' }] }],
    ['-"say \\"no\\" to \\\\"', { none: ['say "no" to \\'] }],
  ])('reads %j', (pattern, expected) => {
    expect(parsed(pattern)).toEqual({ ...everyLine, ...expected })
  })

  it.each<[string, string]>([
    ['{ $.a = 1 }', 'JSON patterns are not supported'],
    ['[ip, user]', 'space-delimited patterns are not supported'],
    ['%(a)%', 'regular expression %(a)% is malformed'],
    ['%a', "Invalid character(s) in term '%a'"],
    ['%a% ?%b% -%c%', 'at most 2 regular expressions'],
    ['a.b', "Invalid character(s) in term 'a.b'"],
    ['-', "Invalid character(s) in term ''"],
    ['a"b"', 'unbalanced quotation marks'],
    ['"a', 'unbalanced quotation marks'],
  ])('refuses %j', (pattern, says) => {
    expect(parseLogFilter(pattern)).toEqual({
      ok: false,
      refusal: { code: 'InvalidParameterException', message: expect.stringContaining(says) },
    })
  })

  it('reads back every phrase that it is given in quotation marks', () => {
    const property = fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`
      const words = [a, b].filter((text) => text.trim() !== '')
      expect(parsed(`${quoted(a)} ${quoted(b)}`).all).toEqual(words)
    })
    fc.assert(property)
  })

  it('answers any text with a filter or a refusal', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof parseLogFilter(text).ok === 'boolean'))
  })
})

describe('logLineTest', () => {
  it.each<[string, string, boolean]>([
    ['ERROR', 'Exiting with ERRORCODE: -1', true],
    ['ERROR', 'an error', false],
    ['ERROR 401', 'ERROR 400', false],
    ['ERROR -400', 'ERROR 400', false],
    ['-400', 'ERROR 401', true],
    ['?ERROR ?WARN', 'WARN: low', true],
    ['?ERROR ?WARN', 'INFO', false],
    ['disk ?ERROR ?WARN', 'WARN', false],
    ['"a  b"', 'a b', false],
    ['%5\\d\\d% -%^GET%', 'POST 503', true],
    ['%5\\d\\d% -%^GET%', 'GET 503', false],
    ['', '', true],
  ])('%j on %j: %s', (pattern, line, expected) => {
    expect(logLineTest(parsed(pattern))(line)).toBe(expected)
  })
})
