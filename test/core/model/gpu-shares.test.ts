import { describe, expect, it } from 'vitest'
import { gpuShares } from '../../../src/core/model/gpu-shares.ts'

describe('gpuShares', () => {
  it.each([
    ['none', [0, 0], { gpuMilli: 0, cards: [[], []] }],
    ['a part of a card', [500], { gpuMilli: 500, cards: [[0]] }],
    ['parts that share a card', [500, 0, 250], { gpuMilli: 750, cards: [[0], [], [0]] }],
    ['parts that need two cards, which are whole ones', [600, 600], { gpuMilli: 2_000, cards: [[0], [1]] }],
    ['whole cards, each its own', [1_000, 2_000], { gpuMilli: 3_000, cards: [[0], [1, 2]] }],
    ['a part beside a whole card', [500, 1_000, 500], { gpuMilli: 2_000, cards: [[0], [1], [0]] }],
  ])('gives containers %s', (_, asked, shares) => {
    expect(gpuShares(asked)).toEqual(shares)
  })
})
