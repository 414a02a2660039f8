import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }

function longshore(...argv: string[]) {
  const main = join(import.meta.dirname, '../../src/cli/main.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...argv], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe('longshore', () => {
  it('prints its version', () => {
    expect(longshore('--version')).toEqual({ status: 0, stdout: `${packageJson.version}\n`, stderr: '' })
  })

  it.each([['--help'], ['dev', '--help'], ['agent', '--help']])('explains itself: %s %s', (...argv) => {
    const { status, stdout, stderr } = longshore(...argv)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^longshore/)
  })

  it('answers wrong usage with one line and exit code 2', () => {
    expect(longshore('dev', '--prot', '1')).toEqual({
      status: 2,
      stdout: '',
      stderr: "longshore: Unknown option '--prot' (see longshore --help)\n",
    })
  })
})
