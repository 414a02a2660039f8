import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { batchModel } from './batch-model.ts'

/** Writes the generated files anew: the model first, since the page is made of it. */
const root = join(import.meta.dirname, '..')
for (const [name, text] of Object.entries(batchModel()))
  writeFileSync(join(root, 'src/api/batch/model', name), text)
const { compatibilityPage } = await import('./compatibility.ts')
writeFileSync(join(root, 'docs/compatibility.md'), compatibilityPage())
