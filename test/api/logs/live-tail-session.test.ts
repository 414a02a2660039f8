import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { liveTailBody } from '../../../src/api/logs/live-tail-session.ts'
import type { TailUpdate } from '../../../src/objects/logs/logs-rpc.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  vi.spyOn(console, 'error').mockReturnValue()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const nothing: TailUpdate = { isNew: false, sampled: false, events: [] }

function aSession(listen: () => Promise<TailUpdate>, endsAt = Number.MAX_SAFE_INTEGER) {
  const reader = liveTailBody({
    start: { sessionId: 's' },
    listen,
    show: (update) => update,
    endsAt,
  }).getReader()
  /** The type of the next message, and when it came, in seconds. */
  const next = async () => {
    const reading = reader.read()
    await vi.advanceTimersByTimeAsync(120_000)
    return reading
  }
  return { reader, next }
}

/** A message's type, found in its headers. */
function typeOf(bytes: Uint8Array | undefined): string | undefined {
  return /:(?:event|exception)-type\W+(initial-response|\w+)/.exec(new TextDecoder().decode(bytes))?.[1]
}

describe('liveTailBody', () => {
  it('begins as SDKs expect, then tells each second what has come', async () => {
    const asked: number[] = []
    const { reader } = aSession(async () => {
      asked.push(Date.now())
      return nothing
    })
    expect(typeOf((await reader.read()).value)).toBe('initial-response')
    expect(typeOf((await reader.read()).value)).toBe('sessionStart')
    for (const at of [1_001_000, 1_002_000, 1_003_000]) {
      const reading = reader.read()
      await vi.advanceTimersByTimeAsync(1000)
      expect(typeOf((await reading).value)).toBe('sessionUpdate')
      expect(asked.at(-1)).toBe(at)
    }
    expect(asked).toHaveLength(3)
  })

  it('outlives a store that starts anew, and ends when it stays away', async () => {
    let failures = 9
    const { reader, next } = aSession(async () => {
      if (failures-- > 0) throw new Error('away')
      failures = 100
      return nothing
    })
    await reader.read()
    await reader.read()
    expect(typeOf((await next()).value)).toBe('sessionUpdate')
    expect(typeOf((await next()).value)).toBe('SessionStreamingException')
    expect((await next()).done).toBe(true)
  })

  it('ends when its time is up', async () => {
    const { reader, next } = aSession(async () => nothing, 1_000_500)
    await reader.read()
    await reader.read()
    expect(typeOf((await next()).value)).toBe('SessionTimeoutException')
    expect((await next()).done).toBe(true)
  })
})
