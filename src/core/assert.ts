/** Thrown when the program contradicts itself. Never the answer to bad input. */
class InvariantError extends Error {
  override name = 'InvariantError'
}

/** Stops the running decision, in production too, when `condition` does not hold. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message)
}

/** The value, or an `InvariantError` naming what was expected to be there. */
export function present<Value>(value: Value | null | undefined, what: string): Value {
  assert(value !== null && value !== undefined, `missing: ${what}`)
  return value
}
