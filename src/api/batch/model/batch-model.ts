import { enums } from './enums.ts'
import { extensionEnums, extensionOperations, extensionStructures } from './extensions.ts'
import type { OperationModel, OperationName, StructureName } from './model-types.ts'
import { operations } from './operations.ts'
import { structures } from './structures.ts'

type Members = Readonly<Record<string, string>>

const allOperations: Readonly<Record<string, OperationModel>> = { ...operations, ...extensionOperations }

export const operationNames = Object.keys(allOperations) as OperationName[]

export function operationModel(name: OperationName): OperationModel {
  return allOperations[name]!
}

/** A structure's members in the API's order, Longshore's own behind them. */
export function membersOf(name: StructureName): Members {
  const api: Readonly<Record<string, Members>> = structures
  const own: Readonly<Record<string, Members>> = extensionStructures
  return { ...api[name], ...own[name] }
}

/** The values of an enumeration, or undefined for what is none. */
export function valuesOf(name: string): string[] | undefined {
  const api: Readonly<Record<string, readonly string[]>> = enums
  const own: Readonly<Record<string, readonly string[]>> = extensionEnums
  return api[name] || own[name] ? [...(api[name] ?? []), ...(own[name] ?? [])] : undefined
}

/** A member's type as it is written in the model, taken apart. */
export type MemberType =
  | { kind: 'scalar'; name: 'String' | 'Integer' | 'Float' | 'Boolean' }
  | { kind: 'enum'; name: string }
  | { kind: 'structure'; name: StructureName }
  | { kind: 'list' | 'map'; of: MemberType }

export function parseMember(text: string): { type: MemberType; required: boolean } {
  const required = text.endsWith('!')
  return { type: parseType(required ? text.slice(0, -1) : text), required }
}

function parseType(text: string): MemberType {
  if (text.startsWith('[')) return { kind: 'list', of: parseType(text.slice(1, -1)) }
  if (text.startsWith('{')) return { kind: 'map', of: parseType(text.slice(1, -1)) }
  if (text === 'String' || text === 'Integer' || text === 'Float' || text === 'Boolean')
    return { kind: 'scalar', name: text }
  return valuesOf(text) ? { kind: 'enum', name: text } : { kind: 'structure', name: text as StructureName }
}
