import { appendFileSync } from 'node:fs'
import { join } from 'node:path'

/** The flight-delays slice, which first notes in a file of its attempt's own that it runs: two notes, and it ran twice. */
const { AWS_BATCH_JOB_ID: jobId, AWS_BATCH_JOB_ATTEMPT: attempt } = process.env
appendFileSync(join(process.argv[3]!, `run-${jobId!.split(':')[1]}-${attempt}`), `${process.pid}\n`)

await import('../../examples/flight-delays/slice.ts')
