import {
  type MemberType,
  membersOf,
  operationModel,
  operationNames,
  parseMember,
} from '../../src/api/batch/model/batch-model.ts'
import type { OperationName, StructureName } from '../../src/api/batch/model/model-types.ts'
import { operations } from '../../src/api/batch/model/operations.ts'
import { structures } from '../../src/api/batch/model/structures.ts'

/** Operations of what comes later: service environments, service jobs and quota shares. */
const later = /ServiceJob|ServiceEnvironment|QuotaShare/
export const coveredOperations = operationNames.filter((name) => name in operations && !later.test(name))
export const ownOperations = operationNames.filter((name) => !(name in operations))
export const laterOperations = operationNames.filter((name) => later.test(name))

/** Adds each `Structure.member` that has a value somewhere in `value`, which is of the structure `name`. */
export function addCovered(name: StructureName, value: object, covered: Set<string>): void {
  for (const [member, text] of Object.entries(membersOf(name))) {
    const given = (value as Record<string, unknown>)[member]
    if (given === undefined) continue
    covered.add(`${name}.${member}`)
    addValue(parseMember(text).type, given, covered)
  }
}

function addValue(type: MemberType, value: unknown, covered: Set<string>): void {
  if (type.kind === 'structure') addCovered(type.name, value as object, covered)
  if (type.kind === 'list' || type.kind === 'map')
    for (const item of Object.values(value as object)) addValue(type.of, item, covered)
}

/** Members that the API itself has, with their types. */
export function apiMembers(name: StructureName): [member: string, type: string][] {
  return Object.entries((structures as Readonly<Record<string, Record<string, string>>>)[name] ?? {})
}

/** Each `Structure.member` of the API that can stand in the inputs or outputs of these operations. */
export function allMembers(operations: readonly OperationName[], side: 'input' | 'output'): string[] {
  const found = new Set<string>()
  const seen = new Set<StructureName>()
  const visit = (name: StructureName) => {
    if (seen.has(name)) return
    seen.add(name)
    for (const [member, text] of apiMembers(name)) {
      found.add(`${name}.${member}`)
      const inner = innermost(parseMember(text).type)
      if (inner.kind === 'structure') visit(inner.name)
    }
  }
  for (const operation of operations) visit(operationModel(operation)[side])
  return [...found]
}

export function innermost(type: MemberType): MemberType {
  return type.kind === 'list' || type.kind === 'map' ? innermost(type.of) : type
}
