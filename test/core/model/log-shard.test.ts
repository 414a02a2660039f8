import { describe, expect, it } from 'vitest'
import { limits } from '../../../src/core/limits.ts'
import { logShard } from '../../../src/core/model/log-shard.ts'

const group = '/aws/batch/job'

describe('logShard', () => {
  it('never changes, or streams would be lost', () => {
    const streams = ['work/default/0', 'work/default/1', 'work/default/2', 'work/default/3']
    expect(streams.map((stream) => logShard(group, stream))).toEqual([0, 2, 3, 0])
    expect(logShard('/another/group', 'work/default/0')).toBe(3)
  })

  it('spreads streams evenly over all stores', () => {
    const counts = new Array<number>(limits.logShards).fill(0)
    for (let i = 0; i < 4_000; i++) counts[logShard(group, `work/default/${i}`)]!++
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })
})
