import { createHash, createHmac } from 'node:crypto'

/** An access key and what its signatures are for. */
export type Signer = { accessKeyId: string; secretAccessKey: string; region: string; service: string }

/** What a test changes about a signature that would otherwise be right. */
export type SignatureChanges = {
  /** When it was signed. */
  date?: Date
  /** Names beside host and x-amz-date. */
  signedHeaders?: string[]
  /** Leaves `host` out. */
  withoutHost?: boolean
  /** The body that is signed, where it is not the one that is sent. */
  signedBody?: string
  /** The date in the credential's scope. */
  scopeDate?: string
}

type Parts = { method: string; url: string; headers: Record<string, string>; body: string }

/**
 * Signs by Signature Version 4, written apart from the server's verifier and straight from the description, so that
 * wrong signatures of every kind can be made. The headers to send, `authorization` among them.
 */
export function signedHeaders(
  parts: Parts,
  signer: Signer,
  changes: SignatureChanges = {},
): Record<string, string> {
  const url = new URL(parts.url)
  const date = (changes.date ?? new Date()).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const headers: Record<string, string> = { ...parts.headers, host: url.host, 'x-amz-date': date }
  const names = [
    ...(changes.withoutHost ? [] : ['host']),
    'x-amz-date',
    ...(changes.signedHeaders ?? []),
  ].sort()
  const canonical = [
    parts.method,
    url.pathname.split('/').map(encodeURIComponent).join('/'),
    url.search.slice(1).split('&').sort().join('&'),
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    sha256(changes.signedBody ?? parts.body),
  ].join('\n')
  const scope = [changes.scopeDate ?? date.slice(0, 8), signer.region, signer.service, 'aws4_request']
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n')
  let key: Buffer = Buffer.from(`AWS4${signer.secretAccessKey}`)
  for (const step of scope) key = hmac(key, step)
  const credential = [signer.accessKeyId, ...scope].join('/')
  const signature = hmac(key, text).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { ...headers, authorization }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
