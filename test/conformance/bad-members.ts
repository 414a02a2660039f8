import {
  type MemberType,
  membersOf,
  operationModel,
  parseMember,
} from '../../src/api/batch/model/batch-model.ts'
import type { OperationName, StructureName } from '../../src/api/batch/model/model-types.ts'

/** An input with one member made bad. `path`: how the refusal must name it. */
export type BadMember = { path: string; what: string; input: object }

type Step = string | number
type Spot = { path: Step[]; type: MemberType; required: boolean }

/** Every member that stands anywhere in `example`: once of a wrong type, once outside its enumeration, once left out. */
export function badMembers(operation: OperationName, example: object): BadMember[] {
  const { input, path, query = [] } = operationModel(operation)
  // What travels in the path or the query is always there and always a text.
  const outside = (name: Step) => path.includes(`{${name}}`) || query.includes(String(name))
  const spots = [...memberSpots(input, example, [])].filter((spot) => !outside(spot.path[0]!))
  return spots.flatMap((spot) => [
    ...wrongValues(spot.type).map(([what, value]) => bad(example, spot, what, value)),
    ...(spot.required ? [bad(example, spot, 'left out', undefined)] : []),
  ])
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
