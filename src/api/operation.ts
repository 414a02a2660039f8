import * as z from 'zod'
import { deploymentOf, type Env } from '../bindings.ts'
import type { Deployment } from '../core/model/deployment.ts'
import { type Outcome, refused } from '../core/model/outcome.ts'
import { parseInput } from './validation.ts'
import type { WireProtocol } from './wire-protocol.ts'

/** What an operation's handler works with. `userAgent`, `idempotencyKey`: the headers of these names. */
export type ApiContext = {
  env: Env
  deployment: Deployment
  userAgent?: string | undefined
  idempotencyKey?: string | undefined
}

/** One operation of an AWS API: what it accepts, and what it does with it. Its answer is the wire's output object, or a
 * response as it stands where the operation streams. */
export type Operation<Input = unknown> = {
  name: string
  schema: z.ZodType<Input>
  /** Bytes of a request, where the operation sets a tighter bound than the server does. */
  requestBytes?: number
  handle(context: ApiContext, input: Input): Promise<Outcome<object>>
}

/** An operation with its input's type forgotten, so that it fits a table of many. */
export function operation<Input>(definition: Operation<Input>): Operation {
  return definition as unknown as Operation
}

/** An operation of the API that Longshore knows of and does not do. */
export function unimplemented(name: string): Operation {
  return {
    name,
    schema: z.unknown(),
    handle: async () => refused(`${name} is not implemented by Longshore yet`),
  }
}

/** A request's body, and the members of its input that travelled outside of it. */
export type OperationRequest = {
  body: Uint8Array
  members: Record<string, unknown>
  /** The Idempotency-Key header. */
  idempotencyKey?: string | undefined
}

/** Decodes, checks and carries out a request whose sender is known and allowed. */
export async function runOperation(
  definition: Operation,
  protocol: WireProtocol,
  { body, members, idempotencyKey }: OperationRequest,
  env: Env,
  userAgent?: string,
): Promise<Outcome<object>> {
  const written = protocol.parseBody(body)
  if (written === undefined) return refused(protocol.malformedText, protocol.malformedBody)
  const isObject = typeof written === 'object' && written !== null && !Array.isArray(written)
  const input = parseInput(
    definition.schema,
    isObject ? { ...written, ...members } : written,
    protocol.invalidInput,
  )
  if (!input.ok) return input
  return definition.handle({ env, deployment: deploymentOf(env), userAgent, idempotencyKey }, input.value)
}
