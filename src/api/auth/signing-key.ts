/** What a signature is scoped to. `date` is YYYYMMDD. */
export type CredentialScope = { date: string; region: string; service: string }

type SigningKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>
type Held = { secret: string; key: SigningKey }
const held = new Map<string, Held>()
const heldMost = 256

/**
 * The HMAC key of an access key for one scope: four nested HMACs, so it is kept per (key id, scope) for the life of the
 * isolate. Only finished keys are kept: a promise must not cross requests in a Worker.
 */
export async function signingKey(keyId: string, secret: string, scope: CredentialScope): Promise<SigningKey> {
  const name = `${keyId}/${scope.date}/${scope.region}/${scope.service}`
  const found = held.get(name)
  if (found?.secret === secret) return found.key
  const key = await derive(secret, scope)
  if (held.size >= heldMost) held.clear()
  held.set(name, { secret, key })
  return key
}

async function derive(secret: string, scope: CredentialScope): Promise<SigningKey> {
  let key = new TextEncoder().encode(`AWS4${secret}`)
  for (const part of [scope.date, scope.region, scope.service, 'aws4_request']) {
    const step = await crypto.subtle.importKey('raw', key, hmac, false, ['sign'])
    key = new Uint8Array(await crypto.subtle.sign('HMAC', step, new TextEncoder().encode(part)))
  }
  return crypto.subtle.importKey('raw', key, hmac, false, ['verify'])
}

const hmac = { name: 'HMAC', hash: 'SHA-256' }
