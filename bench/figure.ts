/** One measured value. `samples`, where a measure was repeated: `value` is their median. */
export type Figure = {
  name: string
  value: number
  unit: string
  samples?: number[]
  /** What a reader must know to judge it. */
  note?: string
}

/** The median of at least one number. */
export function median(values: number[]): number {
  return quantile(values, 0.5)
}

/** The smallest value that at least the share `q` of the values does not exceed (nearest rank). */
export function quantile(values: number[], q: number): number {
  if (values.length === 0) throw new Error('no values')
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!
}

/** A figure from repeated runs. */
export function medianFigure(name: string, samples: number[], unit: string, note?: string): Figure {
  return { name, value: median(samples), unit, samples, ...(note === undefined ? {} : { note }) }
}
