import type { Env } from '../../bindings.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import { findTokenOwner, type Principal } from './principal.ts'
import { unknownCredential, verifySigV4 } from './sigv4.ts'

/**
 * Who sent a request: by Signature Version 4 over its body, or by `Authorization: Bearer TOKEN`, an equal for plain
 * HTTP clients. Nothing of a request may act before this has answered.
 */
export async function authenticate(
  request: Request,
  body: Uint8Array,
  service: string,
  env: Env,
  now: number,
): Promise<Outcome<Principal>> {
  const authorization = request.headers.get('authorization')
  if (!authorization) return refused('Missing Authentication Token', 'MissingAuthenticationTokenException')
  const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
  if (bearer === undefined) return verifySigV4(request, body, service, env, now)
  const owner = await findTokenOwner(env, bearer)
  return owner ? accepted(owner) : unknownCredential
}
