import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** 200,000 US flights, from the npm package vega-datasets. */
export const flights200k = join(
  dirname(fileURLToPath(import.meta.resolve('vega-datasets'))),
  '../data/flights-200k.json',
)
