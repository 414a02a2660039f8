import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { countDelays } from './delay-counts.ts'
import { readFlights, sliceOf } from './flights.ts'

/**
 * One child of the array job: counts the delays of its slice of the flights.
 * `node slice.ts DATA WORK`: reads DATA, leaves `WORK/slice-N.json`. A retry replaces what an earlier try left.
 */
const [data, work] = process.argv.slice(2)
const index = Number(process.env.AWS_BATCH_JOB_ARRAY_INDEX)
const size = Number(process.env.AWS_BATCH_JOB_ARRAY_SIZE)

const flights = sliceOf(readFlights(data!), index, size)
const result = join(work!, `slice-${index}.json`)
writeFileSync(`${result}.tmp`, JSON.stringify(countDelays(flights)))
renameSync(`${result}.tmp`, result)
console.log(`slice ${index} of ${size}: ${flights.length} flights`)
