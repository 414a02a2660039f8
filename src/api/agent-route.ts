import { type Env, environmentStub, registryStub } from '../bindings.ts'
import { refused } from '../core/model/outcome.ts'
import { authenticate } from './auth/authenticate.ts'
import { errorResponse, restJson } from './wire-protocol.ts'

/**
 * Hands an agent's WebSocket to its compute environment. Both kinds of token open it; an environment that does not
 * exist is 404, so that an agent can tell a wrong name from a server that is away.
 */
export async function connectAgent(request: Request, environment: string, env: Env): Promise<Response> {
  const principal = await authenticate(request, new Uint8Array(), restJson.service, env, Date.now())
  if (!principal.ok) return errorResponse(restJson, principal.refusal)
  if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket')
    return errorResponse(
      restJson,
      refused('Expected a WebSocket upgrade', 'UpgradeRequiredException').refusal,
    )
  const number = await registryStub(env).environmentNumber(environment)
  if (number === undefined)
    return errorResponse(
      restJson,
      refused(`compute environment ${environment} does not exist`, 'ResourceNotFoundException').refusal,
    )
  return environmentStub(env, number).fetch(request)
}
