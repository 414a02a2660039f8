import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Claims } from '../../../src/core/scheduling/claims.ts'
import type { Ask } from '../../../src/core/scheduling/grant-choice.ts'
import { Occupancy } from '../../../src/core/scheduling/occupancy.ts'
import { type PassOptions, PlacementPass } from '../../../src/core/scheduling/placement-pass.ts'
import { type Weighed, weighAsk } from '../../../src/core/scheduling/weigh-ask.ts'

const never = Number.POSITIVE_INFINITY
const minute = 60_000

function aHost(id: string, vcpus: number, cards = 0) {
  const capacity = { cpuMilli: vcpus * 1000, memoryMiB: 64_000, gpuMilli: cards * 1000, diskMiB: 0 }
  return { id, capacity, cards, architecture: 'X86_64' as const, labels: {} }
}

/** `nodes` attempts of so many vCPUs and GPUs, for so many minutes at most. */
function anAsk(id: string, vcpus: number, minutes = never, { nodes = 1, gpus = 0 } = {}): Ask {
  const resources = { cpuMilli: vcpus * 1000, memoryMiB: 100, gpuMilli: gpus * 1000, diskMiB: 0 }
  return {
    attempts: Array.from({ length: nodes }, (_, node) => ({
      id: node === 0 ? id : `${id}#${node}`,
      demand: { resources },
      boundMs: minutes * minute,
    })),
  }
}

/** Hosts, queues that ask of them, and a clock. */
class Floor {
  readonly occupancy = new Occupancy()
  readonly claims = new Claims(this.occupancy)
  now = 1_000_000_000_000

  constructor(...vcpus: number[]) {
    for (const [i, count] of vcpus.entries()) this.addHost(`host-${i}`, count)
  }

  addHost(id: string, vcpus: number, cards = 0) {
    this.occupancy.addHost(aHost(id, vcpus, cards))
    this.occupancy.setOpen(id, true)
  }

  pass(asks: Ask[], options: Partial<PassOptions> = {}) {
    const pass = new PlacementPass(this.occupancy, this.claims, {
      queue: 1,
      priority: 1,
      now: this.now,
      ...options,
    })
    const outcomes = asks.map((ask) => pass.place(ask))
    pass.end()
    return outcomes
  }

  /** What became of each ask, in short. */
  kinds(asks: Ask[], options: Partial<PassOptions> = {}) {
    return this.pass(asks, options).map(({ kind }) => kind)
  }
}

describe('a blocked head', () => {
  it('is not put off by what stands behind it: only what ends in time, or fits beside it, overtakes', () => {
    const floor = new Floor(8)
    expect(floor.kinds([anAsk('first', 6, 60)])).toEqual(['placed'])
    const [head, long, short] = floor.pass([
      anAsk('head', 7, 60),
      anAsk('long', 2, 90),
      anAsk('short', 1, 60),
    ])
    expect(head).toMatchObject({ kind: 'blocked', reservation: { at: floor.now + 60 * minute } })
    expect(long).toEqual({ kind: 'blocked' })
    expect(short!.kind).toBe('placed')
    expect(floor.kinds([anAsk('head', 7, 60), anAsk('beside', 1)])).toEqual(['blocked', 'placed'])
    expect(floor.kinds([anAsk('head', 7, 60), anAsk('too much', 1)])).toEqual(['blocked', 'blocked'])
  })

  it('keeps others from its host alone', () => {
    const floor = new Floor(4, 4)
    floor.pass([anAsk('a', 3, 60), anAsk('b', 3, 90)])
    const outcomes = floor.pass([anAsk('head', 4), anAsk('long', 1), anAsk('longer', 1)])
    expect(outcomes[0]).toMatchObject({ kind: 'blocked', reservation: { hosts: ['host-0'] } })
    expect(outcomes[1]).toMatchObject({ kind: 'placed', grants: [{ host: 'host-1' }] })
    expect(outcomes[2]!.kind).toBe('blocked')
  })

  it('that waits for what has no time-out gets the host on which the fewest have to end, and all that ends there', () => {
    const floor = new Floor(4, 4)
    floor.pass([anAsk('a', 2), anAsk('b', 2), anAsk('c', 3)])
    const on = (id: string) => floor.occupancy.run(id)!.host
    const head = anAsk('head', 4)
    expect(floor.pass([head, anAsk('late', 1, 1)])).toMatchObject([
      { kind: 'blocked', reservation: { hosts: [on('c')], at: never } },
      { kind: 'blocked' },
    ])
    floor.occupancy.end('a')
    expect(floor.kinds([head, anAsk('x', 1)])).toEqual(['blocked', 'placed'])
    floor.occupancy.end('c')
    expect(floor.kinds([head])).toEqual(['placed'])
  })

  it('loses nothing to a stream of small ones that each fit beside it', () => {
    const floor = new Floor(16)
    const old = Array.from({ length: 16 }, (_, i) => anAsk(`old-${i}`, 1))
    floor.pass(old)
    const head = anAsk('head', 10)
    let next = 0
    const small = () => Array.from({ length: 16 }, () => anAsk(`small-${next++}`, 1))
    floor.pass([head, ...small()])
    for (let ended = 1; ended <= 16; ended++) {
      floor.occupancy.end(`old-${ended - 1}`)
      const [outcome] = floor.kinds([head, ...small()])
      expect(outcome).toBe(ended < 16 ? 'blocked' : 'placed')
    }
  })

  it('that is a gang reserves hosts for all its nodes', () => {
    const floor = new Floor(4, 4, 4)
    floor.pass([anAsk('a', 4, 60), anAsk('b', 4, 30), anAsk('c', 4)])
    const [gang] = floor.pass([anAsk('gang', 3, 10, { nodes: 2 })])
    expect(gang).toMatchObject({ kind: 'blocked', reservation: { at: floor.now + 60 * minute } })
    expect(new Set(floor.claims.of(1)!.hosts)).toEqual(
      new Set(['a', 'b'].map((id) => floor.occupancy.run(id)!.host)),
    )
  })

  it('is placed elsewhere where there is room by chance, and keeps nothing any more', () => {
    const floor = new Floor(4, 4)
    floor.pass([anAsk('a', 4, 60), anAsk('b', 4, 90)])
    floor.pass([anAsk('head', 4)])
    floor.occupancy.end('b')
    expect(floor.kinds([anAsk('head', 4)])).toEqual(['placed'])
    expect(floor.claims.of(1)).toBeUndefined()
  })

  it('looks for another host when its own is gone, and goes where there is room sooner', () => {
    const floor = new Floor(4, 4)
    floor.pass([anAsk('a', 4, 60), anAsk('b', 4, 90)])
    const head = anAsk('head', 4)
    const kept = () => {
      floor.pass([head])
      return floor.claims.of(1)!.hosts
    }
    expect(kept()).toEqual(['host-0'])
    floor.occupancy.removeHost('host-0')
    expect(kept()).toEqual(['host-1'])
    floor.addHost('host-2', 4)
    floor.pass([anAsk('c', 4, 10)], { queue: 2, priority: 2 })
    floor.now += 1_000
    expect(kept()).toEqual(['host-2'])
  })
})

describe('strictly', () => {
  it('nothing behind the first that is blocked starts, in this request or the next', () => {
    const floor = new Floor(4)
    const strict = { strict: true }
    expect(floor.kinds([anAsk('a', 3), anAsk('head', 2), anAsk('small', 1)], strict)).toEqual([
      'placed',
      'blocked',
      'blocked',
    ])
    expect(floor.kinds([anAsk('small', 1)], { ...strict, continues: true })).toEqual(['blocked'])
    expect(floor.kinds([anAsk('head', 1)], strict)).toEqual(['placed'])
  })
})

describe('requests of a queue', () => {
  it('that go on keep what is reserved; one that does not begins anew; none at all frees it', () => {
    const floor = new Floor(4)
    floor.pass([anAsk('a', 3, 60)])
    floor.pass([anAsk('head', 4)])
    expect(floor.kinds([anAsk('long', 1)], { continues: true })).toEqual(['blocked'])
    expect(floor.claims.of(1)?.attemptId).toBe('head')
    floor.pass([anAsk('other', 2)])
    expect(floor.claims.of(1)?.attemptId).toBe('other')
    floor.pass([])
    expect(floor.claims.of(1)).toBeUndefined()
  })

  it('that may not start anything leave what is reserved as it is', () => {
    const floor = new Floor(4)
    floor.pass([anAsk('a', 3, 60)])
    floor.pass([anAsk('head', 4)])
    expect(floor.pass([anAsk('head', 4), anAsk('x', 1)], { closed: true })).toMatchObject([
      { kind: 'blocked', reservation: { attemptId: 'head' } },
      { kind: 'blocked' },
    ])
    expect(floor.claims.of(1)?.attemptId).toBe('head')
  })

  it('of another kind than any host are told so, and reserve nothing', () => {
    const floor = new Floor(4, 4)
    const asks = [
      anAsk('large', 5),
      anAsk('gang', 3, never, { nodes: 3 }),
      anAsk('cards', 1, never, { gpus: 1 }),
    ]
    expect(floor.kinds(asks)).toEqual(['infeasible', 'infeasible', 'infeasible'])
    expect(floor.claims.of(1)).toBeUndefined()
  })
})

describe('queues that share hosts', () => {
  const low = { queue: 1, priority: 1 }
  const high = { queue: 2, priority: 2 }

  it('a higher one takes no notice of what is kept for a lower, and a lower one works round what is kept for it', () => {
    const floor = new Floor(4)
    floor.pass([anAsk('a', 2, 60)], low)
    floor.pass([anAsk('low head', 4)], low)
    expect(floor.kinds([anAsk('b', 1, 90), anAsk('high head', 4)], high)).toEqual(['placed', 'blocked'])
    expect(floor.kinds([anAsk('c', 1), anAsk('d', 1, 90)], low)).toEqual(['blocked', 'placed'])
  })

  it('of one priority reserve in the order in which they began to wait, whoever asks first', () => {
    const floor = new Floor(4)
    const [one, two] = [
      { queue: 1, priority: 1 },
      { queue: 2, priority: 1 },
    ]
    floor.pass([anAsk('a', 4, 60)], one)
    floor.pass([anAsk('one', 4, 10)], one)
    floor.pass([anAsk('two', 4, 10)], two)
    expect(floor.claims.of(2)).toMatchObject({ at: floor.now + 70 * minute })
    floor.occupancy.end('a')
    expect(floor.kinds([anAsk('one', 4, 10), anAsk('one again', 4, 10)], one)).toEqual(['placed', 'blocked'])
    floor.occupancy.end('one')
    expect(floor.kinds([anAsk('one again', 4, 10)], one)).toEqual(['blocked'])
    expect(floor.kinds([anAsk('two', 4, 10)], two)).toEqual(['placed'])
  })
})

type Job = { id: string; vcpus: number; gpus: number; nodes: number; minutes: number; lasts: number }

const jobs = fc.array(
  fc.record({
    vcpus: fc.integer({ min: 1, max: 8 }),
    gpus: fc.constantFrom(0, 0, 0, 0.5, 1, 2),
    nodes: fc.constantFrom(1, 1, 1, 2, 3),
    minutes: fc.constantFrom(1, 3, 10, 30, never),
    /** Part of its time-out that it uses. */
    share: fc.double({ min: 0.1, max: 1, noNaN: true }),
  }),
  { minLength: 5, maxLength: 40 },
)
const hostSizes = fc.array(fc.tuple(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 0, max: 2 })), {
  minLength: 1,
  maxLength: 4,
})

/** Runs jobs of a queue on hosts to their end, telling of each pass what it placed and reserved. */
function runAll(
  floor: Floor,
  waiting: Job[],
  watch: (pass: { asks: Job[]; outcomes: ReturnType<Floor['pass']> }) => void,
  strict = false,
  before: (asks: Job[]) => void = () => undefined,
) {
  const ends: { at: number; ids: string[] }[] = []
  for (let passes = 0; waiting.length > 0 || ends.length > 0; passes++) {
    expect(passes).toBeLessThan(500)
    const asks = [...waiting]
    before(asks)
    const outcomes = floor.pass(asks.map(askOf), { strict })
    watch({ asks, outcomes })
    for (const [i, { kind }] of outcomes.entries()) {
      if (kind === 'blocked') continue
      const job = asks[i]!
      waiting.splice(waiting.indexOf(job), 1)
      const ids = Array.from({ length: job.nodes }, (_, node) => (node === 0 ? job.id : `${job.id}#${node}`))
      if (kind === 'placed') ends.push({ at: floor.now + job.lasts, ids })
    }
    ends.sort((a, b) => a.at - b.at)
    const next = ends.shift()
    if (!next) continue
    floor.now = next.at
    for (const id of next.ids) floor.occupancy.end(id)
  }
}

function askOf({ id, vcpus, gpus, nodes, minutes }: Job): Ask {
  return anAsk(id, vcpus, minutes, { nodes, gpus })
}

function inMinutes(
  drawn: { minutes: number; share: number; vcpus: number; gpus: number; nodes: number }[],
): Job[] {
  return drawn.map(({ share, ...job }, i) => {
    const lasts = (job.minutes === never ? 100 : job.minutes) * minute * share
    return { ...job, id: `job-${i}`, lasts: Math.ceil(lasts) }
  })
}

describe('whatever comes', () => {
  it('a reservation is never put off, its holder starts by then, and everything has its turn', () => {
    fc.assert(
      fc.property(hostSizes, jobs, (sizes, drawn) => {
        const floor = new Floor()
        for (const [i, [vcpus, cards]] of sizes.entries()) floor.addHost(`host-${i}`, vcpus, cards)
        let kept: { attemptId: string; at: number } | undefined
        runAll(floor, inMinutes(drawn), ({ asks, outcomes }) => {
          const first = outcomes.findIndex(({ kind }) => kind === 'blocked')
          const head = asks[first]
          const reservation = floor.claims.of(1)
          expect(reservation?.attemptId).toBe(head?.id)
          // It had a reservation before: it starts by then, or has one that is no later.
          if (kept && head?.id === kept.attemptId) {
            expect(reservation!.at).toBeLessThanOrEqual(Math.max(kept.at, floor.now))
            expect(floor.now).toBeLessThanOrEqual(kept.at)
          }
          // Who overtakes says whom.
          for (const [i, outcome] of outcomes.entries())
            if (outcome.kind === 'placed')
              expect(outcome.overtakes).toBe(first >= 0 && i > first ? head?.id : undefined)
          kept = reservation && { attemptId: reservation.attemptId, at: reservation.at }
        })
      }),
      { numRuns: 300 },
    )
  })

  it('what an explanation says of an ask is what the next pass makes of it', () => {
    fc.assert(
      fc.property(hostSizes, jobs, (sizes, drawn) => {
        const floor = new Floor()
        for (const [i, [vcpus, cards]] of sizes.entries()) floor.addHost(`host-${i}`, vcpus, cards)
        let weighed: Weighed[] = []
        runAll(
          floor,
          inMinutes(drawn),
          ({ outcomes }) => {
            // The first that is placed takes room from those behind it.
            const upTo = outcomes.findIndex(({ kind }) => kind === 'placed')
            for (const [i, { kind }] of outcomes.slice(0, upTo < 0 ? undefined : upTo + 1).entries()) {
              const { possible, fits } = weighed[i]!
              expect(kind).toBe(fits ? 'placed' : possible ? 'blocked' : 'infeasible')
            }
          },
          false,
          (asks) => {
            const asking = { queue: 1, priority: 1, now: floor.now }
            weighed = asks.map((job) => weighAsk(floor.occupancy, floor.claims, asking, askOf(job)))
          },
        )
      }),
      { numRuns: 300 },
    )
  })

  it('strictly nobody overtakes', () => {
    fc.assert(
      fc.property(hostSizes, jobs, (sizes, drawn) => {
        const floor = new Floor()
        for (const [i, [vcpus, cards]] of sizes.entries()) floor.addHost(`host-${i}`, vcpus, cards)
        runAll(
          floor,
          inMinutes(drawn),
          ({ outcomes }) => {
            const kinds = outcomes.map(({ kind }) => kind).filter((kind) => kind !== 'infeasible')
            const first = kinds.indexOf('blocked')
            if (first >= 0) expect(kinds.slice(first)).not.toContain('placed')
          },
          true,
        )
      }),
    )
  })
})
