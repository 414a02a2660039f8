import * as z from 'zod'
import { integer } from '../rules/fields.ts'
import { rules } from '../rules/rules.ts'
import { type MemberType, membersOf, operationModel, parseMember, valuesOf } from './batch-model.ts'
import type { InputOf, OperationName, StructureName } from './model-types.ts'

/** Schemas of structures, made when they are first needed: a Worker starts before it has been asked anything. */
const schemas = new Map<StructureName, z.ZodType>()

/** What an operation's input must be: the model's types, required members and enumerations, and the hand-made rules. */
export function inputSchema<Name extends OperationName>(operation: Name): z.ZodType<InputOf<Name>> {
  return structureSchema(operationModel(operation).input) as z.ZodType<InputOf<Name>>
}

function structureSchema(name: StructureName): z.ZodType {
  const known = schemas.get(name)
  if (known) return known
  const members: Record<string, z.ZodType> = {}
  for (const [member, text] of Object.entries(membersOf(name))) {
    const { type, required } = parseMember(text)
    const schema = ruled(`${name}.${member}`, () => typeSchema(type))
    members[member] = required ? schema : schema.exactOptional()
  }
  const schema = ruled(name, () => z.object(members))
  schemas.set(name, schema)
  return schema
}

function ruled(key: string, plain: () => z.ZodType): z.ZodType {
  const rule = rules[key]
  return rule ? rule(plain()) : plain()
}

function typeSchema(type: MemberType): z.ZodType {
  switch (type.kind) {
    case 'scalar':
      return scalarSchemas[type.name]()
    case 'enum':
      return z.enum(valuesOf(type.name)!)
    case 'structure':
      return structureSchema(type.name)
    case 'list':
      return z.array(typeSchema(type.of))
    case 'map':
      return z.record(z.string(), typeSchema(type.of))
  }
}

const scalarSchemas = {
  String: () => z.string(),
  Integer: () => integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  Float: () => z.number(),
  Boolean: () => z.boolean(),
}
