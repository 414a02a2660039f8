import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isBundleStale, prepareWorkerBundle } from '../../src/cli/worker-bundle.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

function write(root: string, name: string, second: number): string {
  const path = join(root, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '')
  utimesSync(path, second, second)
  utimesSync(dirname(path), 1, 1)
  return path
}

describe('isBundleStale', () => {
  it('compares the bundle with every source file', () => {
    const root = temporaryDirectory()
    write(root, 'src/core/deep/job.ts', 10)
    const bundle = join(root, 'dist/worker/worker.js')
    expect(isBundleStale(root, bundle)).toBe(true)
    write(root, 'dist/worker/worker.js', 20)
    expect(isBundleStale(root, bundle)).toBe(false)
    write(root, 'adapters/adapter.ts', 30)
    expect(isBundleStale(root, bundle)).toBe(true)
  })
})

describe('prepareWorkerBundle', () => {
  const options = { say: () => {}, signal: new AbortController().signal }

  it('takes the bundle of an installed package as it is', async () => {
    const root = temporaryDirectory()
    const bundle = write(root, 'dist/worker/worker.js', 1)
    expect(await prepareWorkerBundle(root, options)).toBe(bundle)
  })

  it('says so when an installed package has none', async () => {
    await expect(prepareWorkerBundle(temporaryDirectory(), options)).rejects.toThrow(
      'the built Worker is missing: ',
    )
  })
})
