import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Count, readSummary, summary } from './support/checks.ts'

/**
 * Drives unmodified clients against `longshore dev`, each against one of its own, two at a time since they wait a lot,
 * the longest first. Ends with one line that counts their checks. Arguments: names of clients; none: all. What cannot
 * be installed is skipped, and counted as that.
 */
const clients = ['terraform', 'metaflow', 'redun', 'boto3', 'aws-cli', 'miniwdl']
const atOnce = 2

/** Prints what a client's checks have said when they are done, so that two do not mix. */
async function runOne(name: string): Promise<Count> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [join(import.meta.dirname, name, 'main.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => lines.push(line))
  }
  const [exitCode] = (await once(child, 'close')) as [number | null]
  const count = lines.map(readSummary).findLast((found) => found !== undefined)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log([`\n== ${name}`, ...lines, `${name}: ${seconds} s`].join('\n'))
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
const waiting = [...wanted]

async function runWaiting(): Promise<void> {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const count = await runOne(name)
    total.passed += count.passed
    total.failed += count.failed
    total.skipped += count.skipped
    if (count.failed > 0) failed.push(name)
  }
}

await Promise.all(Array.from({ length: atOnce }, runWaiting))
if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`)
console.log(summary(total))
process.exitCode = total.failed === 0 && total.passed + total.skipped > 0 ? 0 : 1
