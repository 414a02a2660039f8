import * as z from 'zod'
import {
  type MemberType,
  membersOf,
  operationModel,
  parseMember,
} from '../../src/api/batch/model/batch-model.ts'
import { inputSchema } from '../../src/api/batch/model/input-schema.ts'
import type { OperationName, StructureName } from '../../src/api/batch/model/model-types.ts'

/** An input with one member made bad. `path`: how the refusal must name it. */
export type BadMember = { path: string; what: string; input: object }

type Step = string | number
type Spot = { path: Step[]; type: MemberType; required: boolean }

/**
 * Every member that stands anywhere in `example`: of wrong types, outside its enumeration, below and above its range,
 * too long, of the wrong form, left out; all by what the model and the rules say of it.
 */
export function badMembers(operation: OperationName, example: object): BadMember[] {
  const { input, path, query = [] } = operationModel(operation)
  // What travels in the path or the query is always there and always a text.
  const outside = (name: Step) => path.includes(`{${name}}`) || query.includes(String(name))
  const spots = [...memberSpots(input, example, [])].filter((spot) => !outside(spot.path[0]!))
  const schema = z.toJSONSchema(inputSchema(operation), { io: 'input', unrepresentable: 'any' }) as Bounds
  return spots.flatMap((spot) => [
    ...outOfBounds(boundsAt(schema, spot.path), valueAt(example, spot.path)).map(([what, value]) =>
      bad(example, spot, what, value),
    ),
    ...wrongValues(spot.type).map(([what, value]) => bad(example, spot, what, value)),
    ...(spot.required ? [bad(example, spot, 'left out', undefined)] : []),
  ])
}

/** As much of JSON Schema as rules are told by. */
type Bounds = {
  properties?: Record<string, Bounds>
  items?: Bounds
  additionalProperties?: Bounds
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  pattern?: string
}

function boundsAt(schema: Bounds | undefined, path: Step[]): Bounds {
  const found = path.reduce<Bounds | undefined>(
    (at, step) =>
      typeof step === 'number' ? at?.items : (at?.properties?.[step] ?? at?.additionalProperties),
    schema,
  )
  return found ?? {}
}

function outOfBounds(bounds: Bounds, good: unknown): [what: string, value: unknown][] {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern } = bounds
  const odd = '\u0001!'
  const values: [string, unknown][] = []
  const isOutside = (bound: number | undefined) =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER
  if (isOutside(minimum)) values.push(['below its range', minimum! - 1])
  if (isOutside(maximum)) values.push(['above its range', maximum! + 1])
  if (minLength) values.push(['empty', ''])
  if (maxLength) values.push(['too long', 'a'.repeat(maxLength + 1)])
  if (minItems) values.push(['an empty list', []])
  if (maxItems && Array.isArray(good) && good.length > 0)
    values.push(['a list too long', Array(maxItems + 1).fill(good[0])])
  if (pattern && !new RegExp(pattern).test(odd)) values.push(['of the wrong form', odd])
  return values
}

function valueAt(value: unknown, path: Step[]): unknown {
  return path.reduce((at, step) => (at as Record<Step, unknown>)[step], value)
}

function bad(example: object, spot: Spot, what: string, value: unknown): BadMember {
  return { path: pathText(spot.path), what, input: replaced(example, spot.path, value) as object }
}

function* memberSpots(name: StructureName, value: object, path: Step[]): Generator<Spot> {
  for (const [member, text] of Object.entries(membersOf(name))) {
    const given = (value as Record<string, unknown>)[member]
    if (given === undefined) continue
    const { type, required } = parseMember(text)
    yield { path: [...path, member], type, required }
    yield* innerSpots(type, given, [...path, member])
  }
}

function* innerSpots(type: MemberType, value: unknown, path: Step[]): Generator<Spot> {
  if (type.kind === 'structure') yield* memberSpots(type.name, value as object, path)
  if (type.kind !== 'list' && type.kind !== 'map') return
  for (const [key, item] of Object.entries(value as object)) {
    const at = type.kind === 'list' ? Number(key) : key
    yield { path: [...path, at], type: type.of, required: false }
    yield* innerSpots(type.of, item, [...path, at])
  }
}

function wrongValues(type: MemberType): [what: string, value: unknown][] {
  switch (type.kind) {
    case 'enum':
      return [
        ['a number', 7],
        ['outside its enumeration', 'NO_SUCH_VALUE'],
      ]
    case 'scalar':
      if (type.name === 'String') return [['a number', 7]]
      if (type.name === 'Boolean') return [['a text', 'true']]
      return [['a text', '7'], ...(type.name === 'Integer' ? [['a fraction', 7.5] as [string, unknown]] : [])]
    case 'list':
      return [['an object', { 0: 'a' }]]
    case 'map':
    case 'structure':
      return [
        ['a text', 'a'],
        ['a list', ['a']],
      ]
  }
}

function replaced(value: unknown, [step, ...rest]: Step[], by: unknown): unknown {
  if (step === undefined) return by
  const inner = replaced((value as Record<Step, unknown>)[step], rest, by)
  if (Array.isArray(value)) return value.with(Number(step), inner)
  return { ...(value as object), [step]: inner }
}

function pathText(path: Step[]): string {
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : `${at > 0 ? '.' : ''}${step}`))
    .join('')
}
