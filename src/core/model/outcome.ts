/**
 * Expected refusals are values, not throws: error classes do not survive an RPC between objects.
 * `code` is the AWS error code the client sees (`ClientException`, `ResourceNotFoundException`, …).
 */
export type Refusal = { code: string; message: string }

export type Outcome<Value> = { ok: true; value: Value } | { ok: false; refusal: Refusal }

export function accepted<Value>(value: Value): Outcome<Value> {
  return { ok: true, value }
}

/** A refusal in the Batch API's own form: its only modelled client error is `ClientException` (HTTP 400). */
export function refused(message: string, code = 'ClientException'): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code, message } }
}
