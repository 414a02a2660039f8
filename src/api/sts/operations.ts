import type { Operation } from '../operation.ts'
import { getCallerIdentity } from './get-caller-identity.ts'

/** By a form's `Action`. */
export const stsOperations: ReadonlyMap<string, Operation> = new Map([
  [getCallerIdentity.name, getCallerIdentity],
])
