import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noResources } from '../../../src/core/model/resources.ts'
import { HostVictims } from '../../../src/core/scheduling/host-victims.ts'
import type { Preemptible } from '../../../src/core/scheduling/preemptible.ts'
import { cardsIn, emptyRoom, giveRoom, takeRoom } from '../../../src/core/scheduling/room.ts'

const cards = 2
const capacity = { cpuMilli: 8, memoryMiB: 8, diskMiB: 8, gpuMilli: 1000 * cards }
const host = { id: 'host', capacity, cards, architecture: 'X86_64' as const, labels: {} }
const amount = fc.nat(8)
const resources = fc
  .record({ cpuMilli: amount, memoryMiB: amount, diskMiB: amount, gpus: fc.constantFrom(0, 0.5, 1, 2) })
  .map(({ gpus, ...others }) => ({ ...others, gpuMilli: gpus * 1000 }))
const running = fc.array(fc.record({ resources, priority: fc.nat(3), since: fc.nat(20) }), { maxLength: 6 })

describe('what those who may make room come to at best', () => {
  it('is never less than what any of them come to', () => {
    fc.assert(
      fc.property(running, resources, (list, wanted) => {
        const room = emptyRoom(host)
        const all = list.flatMap(({ resources, priority, since }, nth): Preemptible[] => {
          const granted = cardsIn(resources, room)
          if (!granted) return []
          const part = { host: host.id, resources, cards: granted }
          takeRoom(room, part)
          return [{ id: `${nth}`, priority, since, parts: [part] }]
        })
        const here = new HostVictims(host.id, [...all])
        const fewest = here.fewest(room, wanted)
        for (let some = 0; some < 2 ** all.length; some++) {
          const chosen = all.filter((_, nth) => some & (1 << nth))
          const then = { ...room, cards: [...room.cards] }
          for (const { parts } of chosen) giveRoom(then, parts[0]!)
          if (!cardsIn(wanted, then)) continue
          expect(fewest).toBeLessThanOrEqual(chosen.length)
          const young = chosen.reduce((sum, { since }) => sum + since, 0)
          expect(here.youngest(chosen.length)).toBeGreaterThanOrEqual(young)
          for (const { priority } of chosen) expect(here.lowestPriority).toBeLessThanOrEqual(priority)
        }
      }),
    )
  })

  it('is nothing where there is nobody', () => {
    const nobody = new HostVictims(host.id, [])
    expect(nobody.fewest(emptyRoom(host), noResources)).toBe(0)
    expect(nobody.fewest(emptyRoom(host), { ...noResources, cpuMilli: 9 })).toBeUndefined()
  })
})
