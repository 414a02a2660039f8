import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  dependencyBreaches,
  importCycles,
  impurities,
  namingBreaches,
  reachable,
  sizeBreaches,
  unusedExports,
} from './tidy/breaches.ts'
import { readSource } from './tidy/source-file.ts'

const root = join(import.meta.dirname, '..')
const folders = ['src', 'adapters', 'test', 'tools', 'bench', 'examples', 'docs', '.ci']

function listFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => !path.startsWith('bench/results/'))
}

const texts = [
  ...folders.filter((folder) => existsSync(join(root, folder))).flatMap(listFiles),
  ...readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name),
]
const files = new Map(
  texts.filter((path) => /\.ts$/.test(path)).map((path) => [path, readSource(root, path)]),
)
const everyFile = [...files.values()]

const product = ['src/worker.ts', 'src/cli/main.ts']
/** The Node driver of the Sql port serves the tests and the simulator. */
const forTestsOnly = ['src/runtime/node-sql.ts']
const otherEntries = everyFile
  .map(({ path }) => path)
  .filter((path) =>
    /\.(test|d)\.ts$|^(test|tools|bench)\/(.*\/)?main\.ts$|^examples\/|^[^/]+\.ts$/.test(path),
  )
  .concat('test/support/object-worker.ts')

describe('the source tree', () => {
  it('imports only along the dependency rules', () => {
    expect(everyFile.flatMap(dependencyBreaches)).toEqual([])
  })

  it('has no import cycle', () => {
    expect(importCycles(files)).toEqual([])
  })

  it('keeps core free of clocks, chance and effects', () => {
    expect(everyFile.filter(({ path }) => path.startsWith('src/core/')).flatMap(impurities)).toEqual([])
  })

  it('keeps files and functions short', () => {
    expect(everyFile.flatMap(sizeBreaches)).toEqual([])
  })

  it('names files for one thing and has no barrels', () => {
    expect(everyFile.flatMap(namingBreaches)).toEqual([])
  })

  it('has no file that the product, or for the rest a test, bench or example, does not use', () => {
    const used = reachable(files, [...product, ...forTestsOnly])
    const usedAtAll = reachable(files, [...product, ...otherEntries])
    const isUsed = (path: string) => (/^(src|adapters)\//.test(path) ? used : usedAtAll).has(path)
    expect([...files.keys()].filter((path) => !isUsed(path))).toEqual([])
  })

  it('exports nothing that nobody imports', () => {
    expect(unusedExports(files)).toEqual([])
  })

  it('ships the Worker without what needs Node', () => {
    const shipped = [...reachable(files, ['src/worker.ts'])]
    expect(shipped.filter((path) => /^src\/(agent|cli|runtime\/node-)/.test(path))).toEqual([])
  })

  it('names no package registry', () => {
    const host = /registry\.(npmjs|yarnpkg)\.|npm\.pkg\.github|"resolved": "(?=http)|^registry *=/m
    expect(texts.filter((path) => host.test(readFileSync(join(root, path), 'utf8')))).toEqual([])
  })
})
