import type { OpenbVariant } from './openb.ts'

/**
 * KTH SP2, 28,481 jobs on 100 processors: mean flow in seconds, mean bounded slowdown and its maximum. Gaussier, Glesser, Reis, Trystram,
 * "Improving backfilling by using machine learning to predict running times", SC '15; strict FCFS and first fit besides.
 */
export const publishedKth: Record<string, { flow: number; slowdown: number; most?: number }> = {
  FCFS: { flow: 362_636, slowdown: 6815 },
  'first fit': { flow: 14_579, slowdown: 71.5 },
  EASY: { flow: 15_697, slowdown: 92.58, most: 14_805 },
  'EASY + SJBF': { flow: 14_764, slowdown: 69.41, most: 14_805 },
  'EASY++': { flow: 15_096, slowdown: 63.5, most: 30_250 },
  'EASY, exact run times': { flow: 15_188, slowdown: 71.72, most: 10_017 },
  'EASY + SJBF, exact': { flow: 14_296, slowdown: 49.85, most: 9_942 },
}

/** LCG, 1,300 processors, equal weights: misallocation of the whole log. */
export const publishedLcg = { FCFS: 0.54, 'least running first': 0.05 }

/** GPUs allocated on openb, percent, mean of ten orders: Weng et al., "Beware of Fragmentation", ATC '23. */
export const publishedPacking: Record<OpenbVariant, { random: number; 'best fit': number; FGD: number }> = {
  default: { random: 87.5, 'best fit': 93.1, FGD: 95.4 },
  cpu050: { random: 91.2, 'best fit': 93.8, FGD: 95.2 },
  gpushare40: { random: 86.0, 'best fit': 91.7, FGD: 94.2 },
  multigpu20: { random: 88.7, 'best fit': 93.9, FGD: 95.7 },
  gpuspec10: { random: 87.4, 'best fit': 93.3, FGD: 95.0 },
}
