import type { Env } from '../../bindings.ts'
import { accepted, type Outcome, refused } from '../../core/model/outcome.ts'
import { canonicalRequest } from './canonical-request.ts'
import { findAccessKey, type Principal } from './principal.ts'
import { type CredentialScope, signingKey } from './signing-key.ts'

const algorithm = 'AWS4-HMAC-SHA256'
const skewMs = 5 * 60_000

type Authorization = { keyId: string; scope: CredentialScope; signedHeaders: string[]; signature: Uint8Array }

/**
 * Verifies a request's Signature Version 4 against its real body, for `service` in the deployment's region, with five
 * minutes of clock skew either way. Refusals carry AWS's codes and texts.
 */
export async function verifySigV4(
  request: Request,
  body: Uint8Array,
  service: string,
  env: Env,
  now: number,
): Promise<Outcome<Principal>> {
  const authorization = parseAuthorization(request.headers.get('authorization') ?? '')
  if (!authorization.ok) return authorization
  const { keyId, scope, signedHeaders, signature } = authorization.value
  const accessKey = await findAccessKey(env, keyId)
  if (!accessKey) return unknownCredential

  const url = new URL(request.url)
  const header = (name: string) => request.headers.get(name) ?? (name === 'host' ? url.host : '')
  const date = header('x-amz-date')
  const problem =
    scopeProblem(scope, service, env.REGION, date) ??
    dateProblem(date, now) ??
    signedHeadersProblem(signedHeaders, request.headers)
  if (problem) return problem

  const bodyHash = await sha256(body)
  const claimedHash = header('x-amz-content-sha256')
  if (claimedHash !== '' && claimedHash !== bodyHash)
    return invalid('The x-amz-content-sha256 header does not match the SHA-256 hash of the request body.')
  const canonical = canonicalRequest({ method: request.method, url, header }, signedHeaders, bodyHash)
  const credential = `${scope.date}/${scope.region}/${scope.service}/aws4_request`
  const text = [algorithm, date, credential, await sha256(new TextEncoder().encode(canonical))].join('\n')
  const key = await signingKey(keyId, accessKey.secret, scope)
  // Compares in constant time.
  const isSigned = await crypto.subtle.verify('HMAC', key, signature, new TextEncoder().encode(text))
  return isSigned ? accepted(accessKey.principal) : invalid(mismatch)
}

const mismatch =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'

/** A key or token that nobody owns. */
export const unknownCredential = refused(
  'The security token included in the request is invalid.',
  'UnrecognizedClientException',
)

function invalid(message: string) {
  return refused(message, 'InvalidSignatureException')
}

function incomplete(message: string) {
  return refused(message, 'IncompleteSignatureException')
}

/** `AWS4-HMAC-SHA256 Credential=ID/DATE/REGION/SERVICE/aws4_request, SignedHeaders=a;b, Signature=HEX`. */
function parseAuthorization(text: string): Outcome<Authorization> {
  if (!text.startsWith(`${algorithm} `))
    return incomplete(`Authorization header must begin with '${algorithm}' or 'Bearer'.`)
  const parts = new Map<string, string>()
  for (const part of text.slice(algorithm.length).split(',')) {
    const at = part.indexOf('=')
    if (at > 0) parts.set(part.slice(0, at).trim(), part.slice(at + 1).trim())
  }
  const missing = ['Credential', 'Signature', 'SignedHeaders'].filter((name) => !parts.get(name))
  if (missing.length > 0)
    return incomplete(missing.map((name) => `Authorization header requires '${name}' parameter.`).join(' '))
  const [keyId, date, region, service, terminator, ...rest] = parts.get('Credential')!.split('/')
  if (!keyId || !date || !region || !service || terminator !== 'aws4_request' || rest.length > 0)
    return incomplete(
      "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, with 'aws4_request' last.",
    )
  const signature = bytesOfHex(parts.get('Signature')!)
  if (!signature) return incomplete('Signature must be 64 hexadecimal digits.')
  const signedHeaders = parts.get('SignedHeaders')!.toLowerCase().split(';')
  if (!signedHeaders.every((name) => /^[a-z0-9_.-]+$/.test(name)))
    return incomplete('SignedHeaders must be header names separated by semicolons.')
  return accepted({ keyId, scope: { date, region, service }, signedHeaders, signature })
}

function scopeProblem(scope: CredentialScope, service: string, region: string, date: string) {
  // STS answers in every region, and some clients ask it in one of their own choice, whatever they use otherwise.
  if (scope.region !== region && service !== 'sts')
    return invalid(`Credential should be scoped to a valid region, not '${scope.region}': this is ${region}.`)
  if (scope.service !== service)
    return invalid(`Credential should be scoped to correct service: '${service}'.`)
  if (date !== '' && scope.date !== date.slice(0, 8))
    return invalid(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${scope.date}' != '${date.slice(0, 8)}'.`,
    )
  return undefined
}

function dateProblem(date: string, now: number) {
  if (date === '') return incomplete("Authorization header requires existence of a 'X-Amz-Date' header.")
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date)
  const at = match ? Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5')) : Number.NaN
  if (Number.isNaN(at)) return incomplete("Date must be in ISO-8601 'basic format', e.g. 20150830T123600Z.")
  if (at < now - skewMs)
    return invalid(
      `Signature expired: ${date} is now earlier than ${basicDate(now - skewMs)} (${basicDate(now)} - 5 min.)`,
    )
  if (at > now + skewMs)
    return invalid(
      `Signature not yet current: ${date} is still later than ${basicDate(now + skewMs)} (${basicDate(now)} + 5 min.)`,
    )
  return undefined
}

/** What routes a request must be signed: the host, and the operation where a header names it. */
function signedHeadersProblem(signedHeaders: string[], headers: Headers) {
  const unsigned = ['host', ...(headers.has('x-amz-target') ? ['x-amz-target'] : [])].find(
    (name) => !signedHeaders.includes(name),
  )
  return unsigned ? invalid(`'${unsigned}' must be a 'SignedHeader' in the AWS Authorization.`) : undefined
}

function basicDate(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '')
}

async function sha256(data: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function bytesOfHex(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{64}$/i.test(text)) return undefined
  return Uint8Array.from(text.match(/../g)!, (pair) => Number.parseInt(pair, 16))
}
