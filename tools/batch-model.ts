import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as sdk from '@aws-sdk/client-batch'

/**
 * Derives the model of the Batch API, 2016-08-10, from what the AWS SDK publishes of it: shapes, required members and
 * paths from the schemas it serializes by, the values of enumerations from its type declarations, where alone they
 * stand. The forms of the result are explained in `src/api/batch/model/model-types.ts`.
 */
export type BatchModelFiles = Record<'enums.ts' | 'structures.ts' | 'operations.ts', string>

type Schema = () => unknown
type Structure = [
  kind: 3,
  namespace: string,
  name: string,
  traits: unknown,
  members: string[],
  types: unknown[],
  required?: number,
]
type List = [kind: 1, namespace: string, name: string, traits: unknown, item: unknown]
type MapShape = [kind: 2, namespace: string, name: string, traits: unknown, key: unknown, value: unknown]
type Operation = [
  kind: 9,
  namespace: string,
  name: string,
  traits: { http: [string, string, number] },
  input: Schema,
  output: Schema,
]
type Shape = Structure | List | MapShape

const listOf = 64
const mapOf = 128
const scalars: Record<number, string> = { 0: 'String', 1: 'Integer', 2: 'Boolean' }
/** The schemas know numbers only; these are not whole (Batch API reference). */
const fractions = new Set(['weightFactor', 'quantity'])
const wholeQuantities = new Set([
  'ConsumableResourceRequirement',
  'ListJobsByConsumableResourceSummary',
  'UpdateConsumableResourceRequest',
])

/** The texts of the generated files. */
export function batchModel(): BatchModelFiles {
  const declared = readDeclarations()
  const structures = new Map<string, string>()
  const operations = allOperations().map((operation) => operationLine(operation, structures, declared))
  return {
    'enums.ts': file(
      'enums',
      'Values of the enumerations.',
      [...declared.enums].map(([name, values]) => `${name}: [${values.map(quoted).join(', ')}],`),
    ),
    'structures.ts': file(
      'structures',
      'Members of the structures.',
      [...structures].sort(byKey).map(([name, members]) => `${name}: ${members},`),
    ),
    'operations.ts': file('operations', 'Operations, with their places in HTTP.', operations),
  }
}

function allOperations(): Operation[] {
  const exported = Object.values(sdk) as unknown[]
  const found = exported.filter((one): one is Operation => Array.isArray(one) && one[0] === 9)
  return found.sort((a, b) => (a[2] < b[2] ? -1 : 1))
}

function operationLine(
  operation: Operation,
  structures: Map<string, string>,
  declared: Declarations,
): string {
  const [, , name, { http }, input, output] = operation
  const [method, path] = http
  const inputShape = resolve(input) as Structure
  const query = inputShape[4].filter((_, at) => isQuery(inputShape[5][at]))
  const parts = [
    `method: '${method}'`,
    `path: '${path}'`,
    `input: '${addStructure(inputShape, structures, declared)}'`,
  ]
  parts.push(`output: '${addStructure(resolve(output) as Structure, structures, declared)}'`)
  if (query.length > 0) parts.push(`query: [${query.map(quoted).join(', ')}]`)
  return `${name}: { ${parts.join(', ')} },`
}

function addStructure(shape: Structure, structures: Map<string, string>, declared: Declarations): string {
  const [, , name, , members, types, required = 0] = shape
  if (structures.has(name)) return name
  structures.set(name, '')
  const texts = members.map((member, at) => {
    const named = declared.memberEnums.get(`${name}.${member}`)
    const type = named
      ? enumType(types[at], named)
      : typeText(types[at], { owner: name, member }, structures, declared)
    return `${member}: '${type}${at < required ? '!' : ''}'`
  })
  structures.set(name, texts.length === 0 ? '{}' : `{ ${texts.join(', ')} }`)
  return name
}

function enumType(type: unknown, name: string): string {
  return isList(untraited(type)) ? `[${name}]` : name
}

function typeText(
  type: unknown,
  at: { owner: string; member: string },
  structures: Map<string, string>,
  declared: Declarations,
): string {
  const plain = untraited(type)
  if (typeof plain === 'number') {
    if (plain & mapOf) return `{${scalar(plain & ~mapOf, at)}}`
    if (plain & listOf) return `[${scalar(plain & ~listOf, at)}]`
    return scalar(plain, at)
  }
  const shape = plain as Shape
  if (shape[0] === 1) return `[${typeText(shape[4], at, structures, declared)}]`
  if (shape[0] === 2) return `{${typeText(shape[5], at, structures, declared)}}`
  return addStructure(shape, structures, declared)
}

function scalar(code: number, { owner, member }: { owner: string; member: string }): string {
  if (code === 1 && fractions.has(member) && !wholeQuantities.has(owner)) return 'Float'
  const known = scalars[code]
  if (!known)
    throw new Error(`${owner}.${member}: the SDK has a kind of member that is not known here: ${code}`)
  return known
}

/** A member's type without its traits: `[type, traits]`. */
function untraited(type: unknown): unknown {
  const resolved = resolve(type)
  const hasTraits = Array.isArray(resolved) && resolved.length === 2
  return hasTraits ? resolve(resolved[0]) : resolved
}

function isList(type: unknown): boolean {
  return typeof type === 'number' ? (type & listOf) !== 0 : (type as Shape)[0] === 1
}

function isQuery(type: unknown): boolean {
  const resolved = resolve(type)
  const traits = Array.isArray(resolved) && resolved.length === 2 ? resolved[1] : undefined
  return typeof traits === 'object' && traits !== null && 'httpQuery' in traits
}

function resolve(type: unknown): unknown {
  return typeof type === 'function' ? (type as Schema)() : type
}

type Declarations = { enums: Map<string, string[]>; memberEnums: Map<string, string> }

/** The SDK's declarations are generated too, and so regular enough to be read line by line. */
function readDeclarations(): Declarations {
  const models = join(
    dirname(createRequire(import.meta.url).resolve('@aws-sdk/client-batch')),
    '../dist-types/models',
  )
  const enums = new Map<string, string[]>()
  for (const [, name, body] of read(models, 'enums.d.ts').matchAll(/declare const (\w+): \{\n([^}]*)\};/g))
    enums.set(
      name!,
      [...body!.matchAll(/: "([^"]+)"/g)].map(([, value]) => value!),
    )
  const memberEnums = new Map<string, string>()
  for (const [, owner, body] of read(models, 'models_0.d.ts').matchAll(
    /export interface (\w+)[^{]*\{\n([\s\S]*?)\n\}/g,
  ))
    for (const [, member, type] of body!.matchAll(/^ {4}(\w+)\??: (\w+)(?:\[\])? \| undefined;/gm))
      if (enums.has(type!)) memberEnums.set(`${owner}.${member}`, type!)
  return { enums, memberEnums }
}

function read(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8')
}

function file(name: string, what: string, lines: string[]): string {
  const head = `/** ${what} Generated by \`npm run model\` from @aws-sdk/client-batch: not to be edited. */`
  return `${head}\nexport const ${name} = {\n${lines.map((line) => `  ${line}\n`).join('')}} as const\n`
}

function quoted(text: string): string {
  return `'${text}'`
}

function byKey([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1
}
