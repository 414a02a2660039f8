import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Count, readSummary, summary } from './support/checks.ts'

/**
 * Drives unmodified clients against a real `longshore dev`, one after the other, and ends with one line that counts
 * their checks. Arguments: names of clients; none: all. What cannot be installed is skipped, and counted as that.
 */
const clients = ['boto3', 'aws-cli', 'metaflow', 'miniwdl', 'redun', 'terraform']

async function runOne(name: string): Promise<Count> {
  const child = spawn(process.execPath, [join(import.meta.dirname, name, 'main.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let count: Count | undefined
  createInterface(child.stdout).on('line', (line) => {
    count = readSummary(line)
    console.log(line)
  })
  const [exitCode] = (await once(child, 'close')) as [number | null]
  if (!count) return { passed: 0, failed: 1, skipped: 0 }
  if (exitCode !== 0 && count.failed === 0) count.failed = 1
  return count
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : clients
const unknown = wanted.filter((name) => !clients.includes(name))
if (unknown.length > 0)
  throw new Error(`no such client: ${unknown.join(', ')} (there are ${clients.join(', ')})`)
const total: Count = { passed: 0, failed: 0, skipped: 0 }
const failed: string[] = []
for (const name of wanted) {
  console.log(`\n== ${name}`)
  const startedAt = performance.now()
  const count = await runOne(name)
  console.log(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
  total.passed += count.passed
  total.failed += count.failed
  total.skipped += count.skipped
  if (count.failed > 0) failed.push(name)
}
if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`)
console.log(summary(total))
process.exitCode = total.failed === 0 && total.passed + total.skipped > 0 ? 0 : 1
