import { importBreach } from './dependency-rules.ts'
import { type Node, nameOf, type SourceFile, walk } from './source-file.ts'

const productLines = 300
const testLines = 500
const functionLines = 60

export function dependencyBreaches(file: SourceFile): string[] {
  return file.imports.flatMap((imported) => {
    const why = importBreach(file.path, imported)
    return why ? [`${file.path}: ${why}`] : []
  })
}

export function sizeBreaches(file: SourceFile): string[] {
  const limit = file.path.startsWith('test/') ? testLines : productLines
  const breaches = file.lines > limit ? [`${file.path}: ${file.lines} lines, at most ${limit}`] : []
  for (const { name, line, lines } of file.functions)
    if (lines > functionLines)
      breaches.push(`${file.path}:${line}: ${name} has ${lines} lines, at most ${functionLines}`)
  return breaches
}

export function namingBreaches(file: SourceFile): string[] {
  const name = file.path.split('/').at(-1)!
  const breaches: string[] = []
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.ts$/.test(name)) breaches.push(`${file.path}: not kebab-case`)
  if (/^(index|utils?|helpers?|common|misc)\.ts$/.test(name))
    breaches.push(`${file.path}: names no one thing`)
  if (file.isBarrel && file.path !== 'src/worker.ts')
    breaches.push(`${file.path}: only exports other files' names`)
  return breaches
}

/** What makes code depend on a platform, a clock, chance or the order of events. For `src/core/`. */
export function impurities(file: SourceFile): string[] {
  const breaches: string[] = []
  walk(file.tree, (node, parents) => {
    const impurity = impurityOf(node, parents.at(-1))
    if (impurity) breaches.push(`${file.path}:${file.lineOf(node.start)}: ${impurity} in core`)
  })
  return breaches
}

const impureNames = new Set([
  'Promise',
  'crypto',
  'fetch',
  'console',
  'performance',
  'setTimeout',
  'queueMicrotask',
])

function impurityOf(node: Node, parent: Node | undefined): string | undefined {
  if (node.async === true) return 'an async function'
  if (node.type === 'AwaitExpression') return 'await'
  if (node.type === 'NewExpression' && nameOf(node.callee) === 'Date') return 'new Date'
  if (node.type === 'CallExpression' && nameOf(node.callee) === 'Date') return 'Date()'
  if (node.type === 'MemberExpression') {
    const text = `${nameOf(node.object)}.${nameOf(node.property)}`
    return text === 'Date.now' || text === 'Math.random' ? text : undefined
  }
  if (node.type !== 'Identifier' || !impureNames.has(node.name as string)) return undefined
  const isOwnName =
    parent !== undefined && !parent.computed && (parent.property === node || parent.key === node)
  return isOwnName ? undefined : (node.name as string)
}

/** Import cycles, types included, each once, as a chain of paths. */
export function importCycles(files: Map<string, SourceFile>): string[] {
  const cycles: string[] = []
  const finished = new Set<string>()
  const visit = (path: string, chain: string[]) => {
    const seenAt = chain.indexOf(path)
    if (seenAt >= 0) cycles.push(`import cycle: ${[...chain.slice(seenAt), path].join(' -> ')}`)
    if (seenAt >= 0 || finished.has(path)) return
    for (const target of targetsOf(files, path)) visit(target, [...chain, path])
    finished.add(path)
  }
  for (const path of files.keys()) visit(path, [])
  return cycles
}

/** The files that `entries` need, themselves included. */
export function reachable(files: Map<string, SourceFile>, entries: string[]): Set<string> {
  const reached = new Set<string>()
  const visit = (path: string) => {
    if (reached.has(path)) return
    reached.add(path)
    targetsOf(files, path).forEach(visit)
  }
  entries.forEach(visit)
  return reached
}

/** Values the product exports and no other file imports. */
export function unusedExports(files: Map<string, SourceFile>): string[] {
  const used = new Map<string, Set<string> | 'all'>()
  for (const { imports } of files.values()) {
    for (const { target, names } of imports) {
      const known = used.get(target)
      if (!names) used.set(target, 'all')
      else if (known !== 'all') used.set(target, new Set([...(known ?? []), ...names]))
    }
  }
  return [...files.values()].flatMap(({ path, exports }) => {
    const names = used.get(path)
    if (names === 'all' || !/^(src|adapters)\//.test(path)) return []
    return exports.filter((name) => !names?.has(name)).map((name) => `${path}: nobody imports ${name}`)
  })
}

function targetsOf(files: Map<string, SourceFile>, path: string): string[] {
  return (files.get(path)?.imports ?? []).map(({ target }) => target).filter((target) => files.has(target))
}
