import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { logFailures } from '../../src/runtime/log-failures.ts'

class Fragile {
  readonly ctx = { id: { name: 'fragile-1' } }

  atOnce(reason: string): string {
    return fail(reason)
  }

  async later(reason: string): Promise<string> {
    return this.atOnce(reason)
  }

  async whole(): Promise<Fragile> {
    return this
  }
}

function fail(reason: string): never {
  throw new Error(reason)
}

logFailures(Fragile)

describe('what a method of an object fails with', () => {
  const said: string[] = []
  beforeEach(() => {
    said.length = 0
    vi.spyOn(console, 'error').mockImplementation((line) => said.push(line))
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('is thrown on, and in the log with its stack', () => {
    expect(() => new Fragile().atOnce('broken')).toThrow('broken')
    expect(said).toEqual([
      expect.stringMatching(/^fragile-1\.atOnce failed: Error: broken\n +at fail .*\n +at Fragile\.atOnce /),
    ])
  })

  it('is there once, whichever methods it goes through', async () => {
    await expect(new Fragile().later('broken')).rejects.toThrow('broken')
    expect(said).toEqual([expect.stringContaining('fragile-1.atOnce failed: Error: broken')])
  })

  it('is not there where nothing fails', async () => {
    const object = new Fragile()
    expect(await object.whole()).toBe(object)
    expect(said).toEqual([])
  })
})
