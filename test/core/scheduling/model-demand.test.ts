import { describe, expect, it } from 'vitest'
import { type Demand, shapeOf } from '../../../src/core/scheduling/demand.ts'
import { HostPool } from '../../../src/core/scheduling/host-pool.ts'
import { ModelDemand } from '../../../src/core/scheduling/model-demand.ts'

const gpus = (gpuMilli: number, gpuModels?: string[]): Demand => ({
  resources: { cpuMilli: 1000, memoryMiB: 1, gpuMilli, diskMiB: 0 },
  ...(gpuModels ? { constraints: { gpuModels } } : {}),
})
const supply = new Map([
  ['common', 90],
  ['rare', 10],
])

function counted(times: number, ...demands: Demand[]): ModelDemand {
  const demand = new ModelDemand()
  for (let i = 0; i < times; i++) for (const one of demands) demand.count(shapeOf(one))
  return demand
}

describe('ModelDemand', () => {
  it('takes the rarer model for the more sought after before anybody has asked', () => {
    const scarcity = new ModelDemand().scarcity(supply)
    expect(scarcity.get('rare')! / scarcity.get('common')!).toBeCloseTo(9)
  })

  it('says what part of the demand names a model over what part of the supply it is', () => {
    const scarcity = counted(10_000, gpus(1000), gpus(1000), gpus(2000, ['common'])).scarcity(supply)
    expect(scarcity.get('common')).toBeCloseTo(0.5 / 0.9, 2)
    expect(scarcity.get('rare')).toBeCloseTo(0, 2)
  })

  it('divides what may be of several models among them by supply, and leaves out what nobody has', () => {
    const scarcity = counted(100_000, gpus(500, ['rare', 'none', 'common'])).scarcity(supply)
    expect(scarcity.get('common')).toBeCloseTo(1, 2)
    expect(scarcity.get('rare')).toBeCloseTo(1, 2)
    expect([...scarcity.keys()]).toEqual(['common', 'rare'])
  })

  it('forgets by halves, and counts no more sets than are kept', () => {
    const demand = counted(1, gpus(1000, ['common']))
    for (let i = 0; i < 1_000; i++) demand.count(shapeOf(gpus(1000, [`m${i}`])))
    for (let i = 0; i < 20; i++) demand.halve()
    for (let i = 0; i < 10_000; i++) demand.count(shapeOf(gpus(1000, ['rare'])))
    expect(demand.scarcity(supply).get('rare')).toBeCloseTo(10, 1)
  })
})

describe('a host pool with cards of several models', () => {
  it('keeps the rare ones for work that must have them while there are others', () => {
    const pool = new HostPool()
    const capacity = (cards: number) => ({
      cpuMilli: 64_000,
      memoryMiB: 1000,
      gpuMilli: cards * 1000,
      diskMiB: 0,
    })
    const host = (id: string, cards: number, gpuModel: string) =>
      pool.add({ id, capacity: capacity(cards), cards, gpuModel, architecture: 'X86_64', labels: {} })
    for (let i = 0; i < 8; i++) host(`common-${i}`, 8, 'common')
    host('rare', 2, 'rare')
    for (let i = 0; i < 64; i++) {
      const grant = pool.choose(gpus(1000))!
      pool.take(grant, gpus(1000).resources)
      expect(grant.host).not.toBe('rare')
    }
    expect(pool.choose(gpus(1000))?.host).toBe('rare')
  })
})
