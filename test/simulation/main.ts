import { parseArgs } from 'node:util'
import { simulate } from './simulation.ts'

/** `npm run sim -- --seed N [--runs R] [--jobs J]`: one line a run; a broken promise is thrown with its seed. */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1000' },
  },
})
console.error = () => undefined
for (let seed = Number(values.seed); seed < Number(values.seed) + Number(values.runs); seed++) {
  try {
    console.log(`seed ${seed}:`, JSON.stringify(await simulate(seed, Number(values.jobs))))
  } catch (error) {
    console.log(`seed ${seed} failed; repeat with: npm run sim -- --seed ${seed} --jobs ${values.jobs}`)
    throw error
  }
}
