import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  dependencyBreaches,
  importCycles,
  impurities,
  namingBreaches,
  reachable,
  sizeBreaches,
  unusedExports,
} from './breaches.ts'
import { readSource, type SourceFile } from './source-file.ts'

/** A tree of files, by path, as the tidy test reads it. */
function aTree(texts: Record<string, string>): Map<string, SourceFile> {
  const root = mkdtempSync(join(tmpdir(), 'tidy-'))
  try {
    return new Map(
      Object.entries(texts).map(([path, text]) => {
        mkdirSync(dirname(join(root, path)), { recursive: true })
        writeFileSync(join(root, path), text)
        return [path, readSource(root, path)]
      }),
    )
  } finally {
    rmSync(root, { recursive: true })
  }
}

const breachesOf = <Found>(find: (file: SourceFile) => Found[], texts: Record<string, string>) =>
  [...aTree(texts).values()].flatMap(find)

describe('dependencyBreaches', () => {
  it.each([
    ['src/core/a.ts', "import { Sql } from '../runtime/sql.ts'", 'may not import src/runtime/sql.ts'],
    ['src/core/a.ts', "import { z } from 'zod'", 'may not import the package zod'],
    ['src/core/a.ts', "export const load = () => import('../api/app.ts')", 'may not import src/api/app.ts'],
    [
      'src/runtime/a.ts',
      "import { ids } from '../core/model/ids.ts'",
      'may not import src/core/model/ids.ts',
    ],
    [
      'src/agent/a.ts',
      "import type { Q } from '../objects/queue/queue-rpc.ts'",
      'may not import src/objects/queue/queue-rpc.ts',
    ],
    [
      'src/objects/queue/a.ts',
      "import { E } from '../environment/environment.ts'",
      'may not import src/objects/environment/environment.ts',
    ],
    [
      'src/objects/queue/a.ts',
      "import { E } from '../environment/environment-rpc.ts'",
      'may import only types of src/objects/environment/environment-rpc.ts',
    ],
    [
      'src/objects/queue/a.ts',
      "import { NodeSql } from '../../runtime/node-sql.ts'",
      'may not import src/runtime/node-sql.ts',
    ],
    ['src/stray/a.ts', "import { z } from 'zod'", 'no dependency rule covers src/stray/a.ts'],
  ])('in %s finds %s', (path, text, breach) => {
    expect(breachesOf(dependencyBreaches, { [path]: text })).toEqual([`${path}: ${breach}`])
  })

  it.each([
    ['src/objects/queue/a.ts', "import type { E } from '../environment/environment-rpc.ts'"],
    ['src/objects/queue/a.ts', "import { b } from './b.ts'\nimport { c } from '../../core/c.ts'"],
    ['test/a.test.ts', "import { anything } from '../src/api/app.ts'"],
  ])('in %s allows %j', (path, text) => {
    expect(breachesOf(dependencyBreaches, { [path]: text })).toEqual([])
  })
})

describe('impurities', () => {
  it.each([
    ['export async function f() {}', 'an async function'],
    ['export const f = () => Date.now()', 'Date.now'],
    ['export const f = () => new Date(0)', 'new Date'],
    ['export const f = () => Math.random()', 'Math.random'],
    ['export type F = () => Promise<void>', 'Promise'],
    ['export const f = () => crypto.randomUUID()', 'crypto'],
    ["export const f = () => console.log('')", 'console'],
  ])('finds %s', (text, impurity) => {
    expect(breachesOf(impurities, { 'src/core/a.ts': text })).toEqual([
      `src/core/a.ts:1: ${impurity} in core`,
    ])
  })

  it('leaves members of the same name alone', () => {
    expect(
      breachesOf(impurities, { 'src/core/a.ts': 'export const f = (a: { fetch: 1 }) => a.fetch' }),
    ).toEqual([])
  })
})

describe('sizeBreaches', () => {
  const body = (lines: number) => '  f()\n'.repeat(lines)

  it('finds functions and methods of more than 60 lines', () => {
    const texts = {
      'src/a.ts': `function long() {\n${body(59)}}`,
      'src/b.ts': `function short() {\n${body(58)}}`,
      'src/c.ts': `class C {\n  long() {\n${body(59)}  }\n}`,
    }
    expect(breachesOf(sizeBreaches, texts)).toEqual([
      'src/a.ts:1: long has 61 lines, at most 60',
      'src/c.ts:2: long has 61 lines, at most 60',
    ])
  })

  it('lets a describe block be as long as its file', () => {
    expect(
      breachesOf(sizeBreaches, { 'test/a.test.ts': `describe.each([1])('', () => {\n${body(70)}})` }),
    ).toEqual([])
  })

  it('finds files of more than 300 lines, tests of more than 500', () => {
    const texts = {
      'src/a.ts': body(301),
      'src/b.ts': body(300),
      'test/a.ts': body(501),
      'test/b.ts': body(500),
    }
    expect(breachesOf(sizeBreaches, texts)).toEqual([
      'src/a.ts: 301 lines, at most 300',
      'test/a.ts: 501 lines, at most 500',
    ])
  })
})

describe('namingBreaches', () => {
  it('finds names that say nothing, names in another case, and barrels', () => {
    const text = 'export const a = 1'
    const texts = {
      'src/utils.ts': text,
      'src/JobQueue.ts': text,
      'src/all.ts': "export * from './a.ts'",
      'src/a-b.ts': text,
    }
    expect(breachesOf(namingBreaches, texts)).toEqual([
      'src/utils.ts: names no one thing',
      'src/JobQueue.ts: not kebab-case',
      "src/all.ts: only exports other files' names",
    ])
  })
})

describe('the import graph', () => {
  const tree = () =>
    aTree({
      'src/worker.ts': "import { a } from './a.ts'",
      'src/a.ts': "import type { b } from './b.ts'\nexport const a = 1\nexport type T = 1",
      'src/b.ts':
        "import { a } from './a.ts'\nexport const b = 1\nexport const nobodys = new URL('./child.ts', import.meta.url)",
      'src/child.ts': '',
      'src/dead.ts': "export { a } from './a.ts'",
    })

  it('has each cycle found once, through types too', () => {
    expect(importCycles(tree())).toEqual(['import cycle: src/a.ts -> src/b.ts -> src/a.ts'])
  })

  it('reaches what is imported and what is started by its address', () => {
    expect([...reachable(tree(), ['src/worker.ts'])].sort()).toEqual([
      'src/a.ts',
      'src/b.ts',
      'src/child.ts',
      'src/worker.ts',
    ])
  })

  it('knows the values that nobody imports', () => {
    expect(unusedExports(tree())).toEqual([
      'src/b.ts: nobody imports nobodys',
      'src/dead.ts: nobody imports a',
    ])
  })
})
