import type * as z from 'zod'
import type { RuleKey } from '../model/model-types.ts'

/**
 * Rules of the API that its published model does not have: ranges, lengths, patterns, and what members demand of each
 * other. A rule gets the schema that the model gives a member or structure, and returns the one to use.
 */
// biome-ignore lint/suspicious/noExplicitAny: a rule knows what the model says of its member, the table of rules does not
export type Rule = (schema: any) => z.ZodType
export type Rules = { readonly [Key in RuleKey]?: Rule }
