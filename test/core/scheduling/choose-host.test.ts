import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fits, type Resources, subtractResources } from '../../../src/core/model/resources.ts'
import { chooseHost, type Room } from '../../../src/core/scheduling/choose-host.ts'

const resources = (most: number): fc.Arbitrary<Resources> =>
  fc.record({
    cpuMilli: fc.nat(most * 1000),
    memoryMiB: fc.nat(most * 100),
    gpuMilli: fc.nat(most),
    diskMiB: fc.nat(most),
  })

const room: fc.Arbitrary<Room<number>> = fc.tuple(resources(8), resources(8)).map(([capacity, used]) => ({
  host: 0,
  capacity,
  free: {
    cpuMilli: Math.max(0, capacity.cpuMilli - used.cpuMilli),
    memoryMiB: Math.max(0, capacity.memoryMiB - used.memoryMiB),
    gpuMilli: Math.max(0, capacity.gpuMilli - used.gpuMilli),
    diskMiB: Math.max(0, capacity.diskMiB - used.diskMiB),
  },
}))
const rooms = fc.array(room, { maxLength: 8 }).map((list) => list.map((one, host) => ({ ...one, host })))

function aRoom(host: string, free: Partial<Resources>, capacity: Partial<Resources> = {}): Room<string> {
  const all = { cpuMilli: 4_000, memoryMiB: 4_000, gpuMilli: 0, diskMiB: 0 }
  return { host, free: { ...all, ...free }, capacity: { ...all, ...capacity } }
}

const oneCpu: Resources = { cpuMilli: 1_000, memoryMiB: 1_000, gpuMilli: 0, diskMiB: 0 }

describe('chooseHost', () => {
  it('finds a host whenever one has room, and only such a host', () => {
    fc.assert(
      fc.property(resources(10), rooms, (wanted, list) => {
        const chosen = chooseHost(wanted, list)
        expect(chosen !== undefined).toBe(list.some(({ free }) => fits(wanted, free)))
        if (chosen) expect(fits(wanted, chosen.free)).toBe(true)
      }),
    )
  })

  it('never over-commits a host, however many attempts are placed one after the other', () => {
    fc.assert(
      fc.property(fc.array(resources(4), { maxLength: 30 }), rooms, (asks, list) => {
        const free = list.map((one) => ({ ...one }))
        const taken = new Map<number, Resources[]>()
        for (const wanted of asks) {
          const chosen = chooseHost(wanted, free)
          if (!chosen) continue
          chosen.free = subtractResources(chosen.free, wanted)
          taken.set(chosen.host, [...(taken.get(chosen.host) ?? []), wanted])
        }
        for (const { host, free: before } of list) {
          const sum = (of: keyof Resources) =>
            (taken.get(host) ?? []).reduce((total, wanted) => total + wanted[of], 0)
          for (const dimension of ['cpuMilli', 'memoryMiB', 'gpuMilli', 'diskMiB'] as const)
            expect(sum(dimension)).toBeLessThanOrEqual(before[dimension])
        }
      }),
    )
  })

  it('takes the tightest fit, so that big holes stay for big jobs', () => {
    const list = [
      aRoom('empty', {}),
      aRoom('nearly full', { cpuMilli: 1_000 }),
      aRoom('half', { cpuMilli: 2_000 }),
    ]
    expect(chooseHost(oneCpu, list)?.host).toBe('nearly full')
  })

  it('leaves hosts with GPUs to those who want one, where others have room', () => {
    const gpus = { gpuMilli: 2_000 }
    const list = [aRoom('gpu', { ...gpus, cpuMilli: 1_000 }, gpus), aRoom('plain', {})]
    expect(chooseHost(oneCpu, list)?.host).toBe('plain')
    expect(chooseHost({ ...oneCpu, gpuMilli: 1_000 }, list)?.host).toBe('gpu')
    expect(chooseHost(oneCpu, list.slice(0, 1))?.host).toBe('gpu')
  })

  it('takes the first of two equal hosts', () => {
    expect(chooseHost(oneCpu, [aRoom('first', {}), aRoom('second', {})])?.host).toBe('first')
  })
})
