import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { batchModel } from './batch-model.ts'

/** Writes the generated files anew. */
const folder = join(import.meta.dirname, '../src/api/batch/model')
for (const [name, text] of Object.entries(batchModel())) writeFileSync(join(folder, name), text)
