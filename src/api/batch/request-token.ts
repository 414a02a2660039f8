import { limits } from '../../core/limits.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import type { ApiContext } from '../operation.ts'

const printable = new RegExp(`^[\\x21-\\x7e]{1,${limits.tokenHeaderLength}}$`)

/** A request's idempotency token: the header `Idempotency-Key` or the member `clientToken`, or both alike. */
export function requestToken(
  { idempotencyKey }: ApiContext,
  { clientToken }: { clientToken?: string },
): Outcome<{ token?: string }> {
  if (idempotencyKey === undefined) return accepted(clientToken === undefined ? {} : { token: clientToken })
  if (!printable.test(idempotencyKey))
    return refused(`Idempotency-Key: must be 1 to ${limits.tokenHeaderLength} printable ASCII characters`)
  if (clientToken !== undefined && clientToken !== idempotencyKey)
    return refused('clientToken: is not what the header Idempotency-Key says')
  return accepted({ token: idempotencyKey })
}
