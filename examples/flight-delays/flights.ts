import { readFileSync } from 'node:fs'

/** One flight: delay in minutes (negative when early), distance in miles, time in hours of the day (0 to 24). */
export type Flight = { delay: number; distance: number; time: number }

/** Reads a JSON array of flights, such as `flights-200k.json` of the npm package vega-datasets. */
export function readFlights(path: string): Flight[] {
  return JSON.parse(readFileSync(path, 'utf8')) as Flight[]
}

/** Slice `index` of `size` slices that together hold every record once. */
export function sliceOf<Item>(items: Item[], index: number, size: number): Item[] {
  return items.slice(
    Math.floor((index * items.length) / size),
    Math.floor(((index + 1) * items.length) / size),
  )
}
