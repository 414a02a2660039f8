import * as fc from 'fast-check'
import type { Resources } from '../../../src/core/model/resources.ts'
import type { Demand, PoolHost } from '../../../src/core/scheduling/demand.ts'

/** Small numbers, so that hosts fill and demands meet. */
export const demand: fc.Arbitrary<Demand> = fc
  .record({
    cpuMilli: fc.nat(4).map((n) => n * 500),
    memoryMiB: fc.nat(4).map((n) => n * 64),
    gpuMilli: fc.constantFrom(0, 0, 250, 500, 700, 1_000, 2_000, 4_000),
    diskMiB: fc.constantFrom(0, 0, 10),
    model: fc.constantFrom(undefined, undefined, ['T4'], ['T4', 'A10']),
    label: fc.constantFrom(undefined, undefined, 'a'),
    architecture: fc.constantFrom(undefined, undefined, 'ARM64' as const),
    images: fc.constantFrom(undefined, ['busybox:1'], ['busybox:1', 'python:3']),
  })
  .map(({ model, label, architecture, images, ...resources }) => ({
    resources,
    ...(model || label || architecture
      ? {
          constraints: {
            ...(model ? { gpuModels: model } : {}),
            ...(label ? { labels: { zone: label } } : {}),
            ...(architecture ? { architecture } : {}),
          },
        }
      : {}),
    ...(images ? { images } : {}),
  }))

const host: fc.Arbitrary<Omit<PoolHost, 'id'>> = fc
  .record({
    cpuMilli: fc.nat(8).map((n) => n * 1_000),
    memoryMiB: fc.nat(8).map((n) => n * 64),
    cards: fc.constantFrom(0, 0, 1, 2, 4),
    diskMiB: fc.constantFrom(0, 20, 100),
    model: fc.constantFrom('T4', 'A10', 'H100'),
    zone: fc.constantFrom('a', 'b'),
    architecture: fc.constantFrom('X86_64' as const, 'X86_64' as const, 'ARM64' as const),
  })
  .map(({ cpuMilli, memoryMiB, cards, diskMiB, model, zone, architecture }) => ({
    capacity: { cpuMilli, memoryMiB, gpuMilli: cards * 1_000, diskMiB },
    cards,
    ...(cards > 0 ? { gpuModel: model } : {}),
    architecture,
    labels: { zone },
  }))

export const hosts: fc.Arbitrary<PoolHost[]> = fc
  .array(host, { minLength: 1, maxLength: 8 })
  .map((list) => list.map((one, at) => ({ ...one, id: `host-${at}` })))

export type HostEvent =
  | { kind: 'close' | 'open' | 'remove'; at: number }
  | { kind: 'change'; at: number; capacity: Resources }
  | { kind: 'images'; at: number; images: string[] }

/** What one after the other happens to a pool; `at` picks a placement or a host. */
export type PoolEvent = { kind: 'place'; demand: Demand } | { kind: 'release'; at: number } | HostEvent

export const events: fc.Arbitrary<PoolEvent[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('place' as const), demand }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('release' as const), at: fc.nat(100) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom('close', 'open', 'remove' as const), at: fc.nat(100) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('change' as const),
        at: fc.nat(100),
        capacity: host.map(({ capacity }) => ({ ...capacity, gpuMilli: 0 })),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('images' as const),
        at: fc.nat(100),
        images: fc.subarray(['busybox:1', 'python:3']),
      }),
    },
  ),
  { maxLength: 60 },
) as fc.Arbitrary<PoolEvent[]>
