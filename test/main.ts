import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Runs checks and test projects one after the other and ends with one line, `N passed, N failed`, the sum of all.
 * Each check counts as one. Arguments: names of `steps`; none: all but the slow ones.
 */
type Count = { passed: number; failed: number }

const steps: Record<string, () => Count> = {
  types: () => check('npm', ['run', '--silent', 'types']),
  lint: () => check('npm', ['run', '--silent', 'lint']),
  node: () => tests('node'),
  objects: () => tests('objects'),
  e2e: () => tests('e2e'),
  slow: () => tests('slow'),
}
const byDefault = ['types', 'lint', 'node', 'objects', 'e2e']

function check(command: string, parameters: string[]): Count {
  const done = spawnSync(command, parameters, { stdio: 'inherit' })
  return done.status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

function tests(project: string): Count {
  const directory = mkdtempSync(join(tmpdir(), 'longshore-test-'))
  const report = join(directory, 'report.json')
  const parameters = ['run', '--project', project, '--passWithNoTests=false']
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  try {
    const done = spawnSync('vitest', [...parameters, ...reporters], { stdio: 'inherit' })
    const count = readReport(report)
    // A file that does not load, or an error outside of any test, fails no test by itself.
    if (done.status !== 0 && count.failed === 0) count.failed = 1
    return count
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function readReport(path: string): Count {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'))
    return { passed: report.numPassedTests, failed: report.numFailedTests }
  } catch {
    return { passed: 0, failed: 0 }
  }
}

const total: Count = { passed: 0, failed: 0 }
const failedSteps: string[] = []
const wanted = process.argv.length > 2 ? process.argv.slice(2) : byDefault
for (const name of wanted) {
  const step = steps[name]
  if (!step) throw new Error(`no such step: ${name} (there are ${Object.keys(steps).join(', ')})`)
  console.log(`\n== ${name}`)
  const { passed, failed } = step()
  total.passed += passed
  total.failed += failed
  if (failed > 0) failedSteps.push(name)
}
if (failedSteps.length > 0) console.log(`failed: ${failedSteps.join(', ')}`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1
