import type { Env } from '../../bindings.ts'

/** Who sent a request: `admin` may do everything, `agent` may only join hosts to environments. */
export type Principal = { kind: 'admin' | 'agent' }

export type AccessKey = { id: string; secret: string; principal: Principal }

/** The access key of that id, or undefined. The one place that knows where access keys are kept. */
export async function findAccessKey(env: Env, id: string): Promise<AccessKey | undefined> {
  if (id !== env.ADMIN_ACCESS_KEY_ID || !env.ADMIN_ACCESS_KEY_ID || !env.ADMIN_SECRET_ACCESS_KEY)
    return undefined
  return { id, secret: env.ADMIN_SECRET_ACCESS_KEY, principal: { kind: 'admin' } }
}

/** Whose bearer token that is, or undefined. The one place that knows where tokens are kept. */
export async function findTokenOwner(env: Env, token: string): Promise<Principal | undefined> {
  if (isSameSecret(token, env.ADMIN_TOKEN)) return { kind: 'admin' }
  return isSameSecret(token, env.AGENT_TOKEN) ? { kind: 'agent' } : undefined
}

/** Compares every unit whatever differs, so that the time taken tells no more than the length. An unset secret equals nothing. */
function isSameSecret(given: string, expected: string): boolean {
  if (!expected || given.length !== expected.length) return false
  let difference = 0
  for (let i = 0; i < expected.length; i++) difference |= given.charCodeAt(i) ^ expected.charCodeAt(i)
  return difference === 0
}
