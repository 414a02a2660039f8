import { describe, expect, it } from 'vitest'
import { decideRetry, type FailedAttempt } from '../../../src/core/lifecycle/retry-rules.ts'
import type { EvaluateOnExit } from '../../../src/core/model/job-definition.ts'

const exitedWith137: FailedAttempt = {
  statusReason: 'Essential container in task exited',
  reason: 'OutOfMemoryError: Container killed due to memory usage',
  exitCode: 137,
}
const hostLost: FailedAttempt = { statusReason: 'Host EC2 (instance i-0123456789abcdef0) terminated.' }

const exit = (conditions: Omit<EvaluateOnExit, 'action'>): EvaluateOnExit => ({
  ...conditions,
  action: 'EXIT',
})
const retry = (conditions: Omit<EvaluateOnExit, 'action'>): EvaluateOnExit => ({
  ...conditions,
  action: 'RETRY',
})

const cases: [name: string, rules: EvaluateOnExit[] | undefined, attempt: FailedAttempt, retried: boolean][] =
  [
    ['no rules', undefined, exitedWith137, true],
    ['an empty list of rules', [], exitedWith137, true],
    ['a rule that does not match', [exit({ onExitCode: '1' })], exitedWith137, true],
    ['an exit code', [exit({ onExitCode: '137' })], exitedWith137, false],
    ['a prefix of the exit code', [exit({ onExitCode: '13*' })], exitedWith137, false],
    ['a prefix without its star', [exit({ onExitCode: '13' })], exitedWith137, true],
    ['a longer prefix than the value', [exit({ onExitCode: '1370*' })], exitedWith137, true],
    ['a prefix as long as the value', [exit({ onExitCode: '137*' })], exitedWith137, false],
    ['a prefix of the container’s reason', [exit({ onReason: 'OutOfMemoryError*' })], exitedWith137, false],
    ['a reason in other letter case', [exit({ onReason: 'outofmemoryerror*' })], exitedWith137, true],
    [
      'a status reason',
      [exit({ onStatusReason: 'Essential container in task exited' })],
      exitedWith137,
      false,
    ],
    ['a prefix of the status reason', [exit({ onStatusReason: 'Host EC2*' })], hostLost, false],
    ['an exit code the attempt does not have', [exit({ onExitCode: '1*' })], hostLost, true],
    ['a reason the attempt does not have', [exit({ onReason: 'Out*' })], hostLost, true],
    ['a lone star for a value the attempt does not have', [exit({ onReason: '*' })], hostLost, false],
    ['one of two conditions', [exit({ onExitCode: '137', onReason: 'Cannot*' })], exitedWith137, true],
    ['both conditions', [exit({ onExitCode: '137', onReason: 'Out*' })], exitedWith137, false],
    ['a rule without conditions', [exit({})], exitedWith137, false],
    ['the first of two rules that match', [retry({ onExitCode: '137' }), exit({})], exitedWith137, true],
    ['the second rule only', [retry({ onExitCode: '1' }), exit({ onReason: '*' })], exitedWith137, false],
    ['an action in lower case', [{ onExitCode: '137', action: 'exit' }], exitedWith137, false],
    ['a retry in mixed case', [{ onExitCode: '137', action: 'Retry' }, exit({})], exitedWith137, true],
    ['a star in the middle, which is plain text', [exit({ onReason: 'Out*Error' })], exitedWith137, true],
  ]

describe('decideRetry', () => {
  it.each(cases)('%s', (_, evaluateOnExit, attempt, retried) => {
    const strategy = { attempts: 3, ...(evaluateOnExit ? { evaluateOnExit } : {}) }
    expect(decideRetry(strategy, 1, attempt)).toBe(retried)
  })

  it('stops at the number of attempts, whatever the rules say', () => {
    const strategy = { attempts: 3, evaluateOnExit: [retry({})] }
    expect([1, 2, 3, 4].map((used) => decideRetry(strategy, used, exitedWith137))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  it('allows one attempt where no number is given', () => {
    expect(decideRetry({}, 1, exitedWith137)).toBe(false)
  })
})
