import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseAst } from 'rolldown/parseAst'

/** A node of the syntax tree (ESTree with TypeScript). */
export type Node = { type: string; start: number; end: number } & Record<string, unknown>

export type Import = {
  /** Path under the root (`src/core/limits.ts`), or the package's name. */
  target: string
  isPackage: boolean
  typesOnly: boolean
  /** Names taken from it; undefined: all of them. */
  names: string[] | undefined
}

export type SourceFile = {
  /** Under the root, with `/`. */
  path: string
  lines: number
  imports: Import[]
  /** Names of exported values; types are left out. */
  exports: string[]
  /** Nothing but exports of other files' names. */
  isBarrel: boolean
  functions: { name: string; line: number; lines: number }[]
  tree: Node
  lineOf(offset: number): number
}

/** Reads and parses one TypeScript file. Throws when it does not parse. */
export function readSource(root: string, path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8')
  const tree = parseAst(text, { lang: 'ts' }, path) as unknown as Node
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length
  const body = tree.body as Node[]
  return {
    path,
    lines: lineOf(text.trimEnd().length),
    imports: importsOf(tree, dirname(path)),
    exports: body.flatMap(exportedNames),
    isBarrel: body.length > 0 && body.every((statement) => isReExport(statement)),
    functions: functionsOf(tree, lineOf),
    tree,
    lineOf,
  }
}

/** Calls `visit` for every node below and including `node`, with its parents, nearest last. */
export function walk(node: Node, visit: (node: Node, parents: Node[]) => void, parents: Node[] = []): void {
  visit(node, parents)
  const below = [...parents, node]
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, visit, below)
    }
  }
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}

/** The text of an identifier or a string, else undefined. */
export function nameOf(value: unknown): string | undefined {
  if (!isNode(value)) return undefined
  return (value.name ?? value.value) as string | undefined
}

function importsOf(tree: Node, folder: string): Import[] {
  const found: Import[] = []
  const add = (source: unknown, typesOnly: boolean, names?: string[]) => {
    const text = nameOf(source)
    if (typeof text !== 'string') return
    const isPackage = !text.startsWith('.')
    found.push({ target: isPackage ? text : join(folder, text), isPackage, typesOnly, names })
  }
  walk(tree, (node, parents) => {
    if (node.type === 'ImportDeclaration') {
      const specifiers = node.specifiers as Node[]
      const typesOnly =
        node.importKind === 'type' ||
        (specifiers.length > 0 && specifiers.every(({ importKind }) => importKind === 'type'))
      add(node.source, typesOnly, takenNames(specifiers))
    } else if (node.type === 'ExportNamedDeclaration' && node.source) {
      const names = (node.specifiers as Node[]).map(({ local }) => nameOf(local)!)
      add(node.source, node.exportKind === 'type', names)
    } else if (node.type === 'ExportAllDeclaration' || node.type === 'ImportExpression') {
      add(node.source, false)
    } else if (node.type === 'TSImportType') {
      add(node.source ?? (node.argument as Node | undefined)?.literal, true)
    } else if (node.type === 'Literal' && !parents.at(-1)?.type.match(/^(Im|Ex)port|^TS/)) {
      // A file that is started by its address rather than imported.
      if (/^\.\.?\/.*\.ts$/.test(String(node.value))) add(node, false)
    }
  })
  return found
}

function takenNames(specifiers: Node[]): string[] | undefined {
  if (specifiers.some(({ type }) => type === 'ImportNamespaceSpecifier')) return undefined
  return specifiers.map(({ type, imported }) =>
    type === 'ImportDefaultSpecifier' ? 'default' : nameOf(imported)!,
  )
}

function exportedNames(statement: Node): string[] {
  if (statement.type === 'ExportDefaultDeclaration') return ['default']
  if (statement.type !== 'ExportNamedDeclaration') return []
  const specifiers = (statement.specifiers as Node[]).map(({ exported }) => nameOf(exported)!)
  const declaration = statement.declaration as Node | null
  if (!declaration) return statement.exportKind === 'type' ? [] : specifiers
  if (declaration.type.startsWith('TS')) return []
  const declared = declaration.declarations as Node[] | undefined
  return declared ? declared.map(({ id }) => nameOf(id)!) : [nameOf(declaration.id)!]
}

function isReExport(statement: Node): boolean {
  return (
    statement.type === 'ExportAllDeclaration' ||
    (statement.type === 'ExportNamedDeclaration' && !!statement.source)
  )
}

const functionTypes = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

function functionsOf(tree: Node, lineOf: (offset: number) => number): SourceFile['functions'] {
  const found: SourceFile['functions'] = []
  walk(tree, (node, parents) => {
    const parent = parents.at(-1)
    if (!functionTypes.has(node.type) || isSuite(parent)) return
    const line = lineOf(node.start)
    const name = nameOf(node.id) ?? nameOf(parent?.key) ?? nameOf(parent?.id) ?? 'a function'
    found.push({ name, line, lines: lineOf(node.end) - line + 1 })
  })
  return found
}

/** `describe(…)`, `describe.each(…)(…)`: its callback is a chapter, not a function. */
function isSuite(node: Node | undefined): boolean {
  let callee = node?.type === 'CallExpression' ? (node.callee as Node) : undefined
  while (callee && callee.type !== 'Identifier') callee = (callee.callee ?? callee.object) as Node | undefined
  return nameOf(callee) === 'describe'
}
