import type { enums } from './enums.ts'
import type { extensionEnums, extensionOperations, extensionStructures } from './extensions.ts'
import type { operations } from './operations.ts'
import type { structures } from './structures.ts'

/**
 * The model as types. A member's type is written as a text: the name of a scalar (`String`, `Integer`, `Float`,
 * `Boolean`), an enumeration or a structure, `[X]` for a list of X, `{X}` for a map from texts to X; `!` behind it says
 * that the member is required.
 */
type Scalars = { String: string; Integer: number; Float: number; Boolean: boolean }
type Enums = typeof enums & typeof extensionEnums
type Structures = typeof structures & typeof extensionStructures
type Operations = typeof operations & typeof extensionOperations

export type StructureName = keyof Structures
export type OperationName = keyof Operations

/** An operation's place in HTTP and its shapes. `query`: members that travel as query parameters. */
export type OperationModel = {
  method: string
  path: string
  input: StructureName
  output: StructureName
  query?: readonly string[]
}

type Values<Name extends string> =
  | (Name extends keyof typeof enums ? (typeof enums)[Name][number] : never)
  | (Name extends keyof typeof extensionEnums
      ? ((typeof extensionEnums)[Name] & readonly string[])[number]
      : never)

type TypeOf<Text> = Text extends `${infer Inner}!`
  ? TypeOf<Inner>
  : Text extends `[${infer Item}]`
    ? TypeOf<Item>[]
    : Text extends `{${infer Value}}`
      ? Record<string, TypeOf<Value>>
      : Text extends keyof Scalars
        ? Scalars[Text]
        : Text extends keyof Enums
          ? Values<Text & string>
          : Text extends StructureName
            ? StructureOf<Text>
            : never

type RequiredOf<Members> = {
  [Name in keyof Members]: Members[Name] extends `${string}!` ? Name : never
}[keyof Members]

type StructureOf<Name extends StructureName> = {
  [Member in RequiredOf<Structures[Name]>]: TypeOf<Structures[Name][Member]>
} & {
  [Member in Exclude<keyof Structures[Name], RequiredOf<Structures[Name]>>]?: TypeOf<Structures[Name][Member]>
}

/** What a handler of the operation is given: its input, checked. */
export type InputOf<Name extends OperationName> = StructureOf<Operations[Name]['input']>

/** A structure, or one member of it, as rules name it. */
export type RuleKey = {
  [Name in StructureName]: Name | `${Name}.${keyof Structures[Name] & string}`
}[StructureName]
