import {
  BatchClient,
  DescribeJobsCommand,
  ListTagsForResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-batch'
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { describe, expect, it } from 'vitest'
import { verifySigV4 } from '../../../src/api/auth/sigv4.ts'
import { stubbedEnv } from '../../support/api-env.ts'
import { type SignatureChanges, type Signer, signedHeaders } from '../../support/api-requests.ts'

const env = stubbedEnv()
const signer: Signer = {
  accessKeyId: env.ADMIN_ACCESS_KEY_ID,
  secretAccessKey: env.ADMIN_SECRET_ACCESS_KEY,
  region: env.REGION,
  service: 'batch',
}
const now = Date.UTC(2026, 8, 20, 12, 0, 0)
const url = 'http://127.0.0.1:8787/v1/describejobs'
const body = '{"jobs":["a"]}'

type Case = {
  url?: string
  method?: string
  sentBody?: string
  headers?: Record<string, string>
  signer?: Partial<Signer>
  /** The service it is sent to; without it, Batch. */
  service?: string
  changes?: SignatureChanges
  /** Replaces headers after signing. */
  tamper?: (headers: Record<string, string>) => Record<string, string>
}

function verify(given: Case) {
  const target = given.url ?? url
  const method = given.method ?? 'POST'
  const headers = signedHeaders(
    { method, url: target, headers: given.headers ?? {}, body },
    { ...signer, ...given.signer },
    { date: new Date(now), ...given.changes },
  )
  const sent = given.sentBody ?? body
  const request = new Request(target, { method, headers: given.tamper?.(headers) ?? headers })
  return verifySigV4(request, new TextEncoder().encode(sent), given.service ?? 'batch', env, now)
}

describe('verifySigV4', () => {
  it('takes requests to STS for any region, since clients may ask it in another than their own', async () => {
    expect(await verify({ service: 'sts', signer: { service: 'sts', region: 'us-west-2' } })).toMatchObject({
      ok: true,
    })
  })

  it.each<[string, Case]>([
    ['a signature over host and date', {}],
    ['a second request with the same derived key', {}],
    [
      'further signed headers',
      { headers: { 'content-type': 'application/json' }, changes: { signedHeaders: ['content-type'] } },
    ],
    [
      'spaces inside a signed value taken as one',
      {
        headers: { 'x-note': 'a b' },
        changes: { signedHeaders: ['x-note'] },
        tamper: (headers) => ({ ...headers, 'x-note': 'a   b' }),
      },
    ],
    ['a date five minutes back', { changes: { date: new Date(now - 300_000) } }],
    ['a date five minutes ahead', { changes: { date: new Date(now + 300_000) } }],
    ['a path with escapes, which are escaped once more', { url: 'http://h/v1/tags/arn%3Aaws%3Abatch%2Fx' }],
    ['a query in any order', { url: 'http://h/v1/tags/x?tagKeys=b&tagKeys=a' }],
  ])('accepts %s', async (_, given) => {
    expect(await verify(given)).toEqual({ ok: true, value: { kind: 'admin' } })
  })

  it.each<[string, Case, string, RegExp]>([
    [
      'another body',
      { sentBody: '{"jobs":["b"]}' },
      'InvalidSignatureException',
      /does not match the signature/,
    ],
    ['a missing body', { sentBody: '' }, 'InvalidSignatureException', /does not match the signature/],
    [
      'another path',
      { changes: {}, tamper: (h) => ({ ...h, host: 'elsewhere' }) },
      'InvalidSignatureException',
      /does not match/,
    ],
    [
      'another secret',
      { signer: { secretAccessKey: 'wrong' } },
      'InvalidSignatureException',
      /does not match/,
    ],
    [
      'a digit of the signature changed',
      { tamper: (h) => ({ ...h, authorization: flipped(h.authorization!) }) },
      'InvalidSignatureException',
      /does not match/,
    ],
    [
      'an unknown key',
      { signer: { accessKeyId: 'AKIAOTHER' } },
      'UnrecognizedClientException',
      /security token .* is invalid/,
    ],
    [
      'another region',
      { signer: { region: 'us-west-2' } },
      'InvalidSignatureException',
      /valid region, not 'us-west-2'/,
    ],
    [
      'another service',
      { signer: { service: 'logs' } },
      'InvalidSignatureException',
      /correct service: 'batch'/,
    ],
    [
      'a date too old',
      { changes: { date: new Date(now - 301_000) } },
      'InvalidSignatureException',
      /^Signature expired: 20260920T115459Z is now earlier than 20260920T115500Z \(20260920T120000Z - 5 min\.\)$/,
    ],
    [
      'a date too far ahead',
      { changes: { date: new Date(now + 301_000) } },
      'InvalidSignatureException',
      /^Signature not yet current: 20260920T120501Z is still later than/,
    ],
    [
      'a changed date',
      { tamper: (h) => ({ ...h, 'x-amz-date': '20260920T120001Z' }) },
      'InvalidSignatureException',
      /does not match/,
    ],
    [
      'a scope of another day',
      { changes: { scopeDate: '20260919' } },
      'InvalidSignatureException',
      /'20260919' != '20260920'/,
    ],
    [
      'an impossible date',
      { tamper: (h) => ({ ...h, 'x-amz-date': '20260920T999999Z' }) },
      'IncompleteSignatureException',
      /ISO-8601/,
    ],
    ['no date', { tamper: ({ 'x-amz-date': _, ...h }) => h }, 'IncompleteSignatureException', /X-Amz-Date/],
    [
      'the host unsigned',
      { changes: { withoutHost: true } },
      'InvalidSignatureException',
      /'host' must be a 'SignedHeader'/,
    ],
    [
      'the target unsigned',
      { headers: { 'x-amz-target': 'Logs_20140328.GetLogEvents' } },
      'InvalidSignatureException',
      /'x-amz-target' must be/,
    ],
    [
      'a payload hash of something else',
      { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } },
      'InvalidSignatureException',
      /x-amz-content-sha256/,
    ],
    [
      'no signature',
      { tamper: (h) => ({ ...h, authorization: h.authorization!.replace(/, Signature.*/, '') }) },
      'IncompleteSignatureException',
      /requires 'Signature' parameter/,
    ],
    [
      'a short signature',
      { tamper: (h) => ({ ...h, authorization: h.authorization!.slice(0, -2) }) },
      'IncompleteSignatureException',
      /64 hexadecimal digits/,
    ],
    [
      'signed headers that are no names',
      { tamper: (h) => ({ ...h, authorization: h.authorization!.replace('host;', 'a b;host;') }) },
      'IncompleteSignatureException',
      /SignedHeaders must be/,
    ],
    [
      'a malformed credential',
      { tamper: (h) => ({ ...h, authorization: h.authorization!.replace('/batch/', '/') }) },
      'IncompleteSignatureException',
      /Credential must have/,
    ],
    [
      'another scheme',
      { tamper: (h) => ({ ...h, authorization: 'Basic YTpi' }) },
      'IncompleteSignatureException',
      /must begin with/,
    ],
  ])('refuses %s', async (_, given, code, message) => {
    expect(await verify(given)).toEqual({
      ok: false,
      refusal: { code, message: expect.stringMatching(message) },
    })
  })

  it('refuses a replay on another method, path or query', async () => {
    const target = 'http://h/v1/tags/x?tagKeys=a'
    const headers = signedHeaders({ method: 'DELETE', url: target, headers: {}, body }, signer, {
      date: new Date(now),
    })
    const replay = (method: string, to: string) =>
      verifySigV4(new Request(to, { method, headers }), new TextEncoder().encode(body), 'batch', env, now)
    expect((await replay('DELETE', target)).ok).toBe(true)
    expect((await replay('POST', target)).ok).toBe(false)
    expect((await replay('DELETE', 'http://h/v1/tags/y?tagKeys=a')).ok).toBe(false)
    expect((await replay('DELETE', 'http://h/v1/tags/x?tagKeys=b')).ok).toBe(false)
    expect((await replay('DELETE', 'http://h/v1/tags/x')).ok).toBe(false)
  })
})

describe('verifySigV4 of what AWS SDKs send', () => {
  const arn = 'arn:aws:batch:eu-central-1:123456789012:job/a b*(c)!'
  it.each<[string, 'batch' | 'logs', (send: Client) => Promise<unknown>]>([
    ['a REST-JSON body', 'batch', ({ batch }) => batch.send(new DescribeJobsCommand({ jobs: ['é', '"'] }))],
    [
      'an ARN in the path',
      'batch',
      ({ batch }) => batch.send(new ListTagsForResourceCommand({ resourceArn: arn })),
    ],
    [
      'repeated query members',
      'batch',
      ({ batch }) => batch.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: ['b c', 'a+b', '*'] })),
    ],
    [
      'a JSON 1.1 body',
      'logs',
      ({ logs }) => logs.send(new GetLogEventsCommand({ logGroupName: 'g', logStreamName: 's' })),
    ],
  ])('accepts %s', async (_, service, send) => {
    const caught = new CaughtRequests()
    const settings = {
      region: env.REGION,
      endpoint: 'http://127.0.0.1:8787',
      credentials: { accessKeyId: env.ADMIN_ACCESS_KEY_ID, secretAccessKey: env.ADMIN_SECRET_ACCESS_KEY },
      requestHandler: caught,
      maxAttempts: 1,
    }
    await send({ batch: new BatchClient(settings), logs: new CloudWatchLogsClient(settings) })
    const { request, body } = caught.only()
    expect(await verifySigV4(request, body, service, env, Date.now())).toEqual({
      ok: true,
      value: { kind: 'admin' },
    })
  })
})

type Client = { batch: BatchClient; logs: CloudWatchLogsClient }
type SdkRequest = {
  method: string
  path: string
  query: Record<string, string | string[]>
  headers: Record<string, string>
  body?: string | Uint8Array
}

/** Takes the place of the network under an SDK client. */
class CaughtRequests {
  readonly metadata = { handlerProtocol: 'http/1.1' }
  private readonly requests: SdkRequest[] = []

  async handle(request: SdkRequest) {
    this.requests.push(request)
    return { response: { statusCode: 200, headers: {}, body: new Blob(['{}']).stream() } }
  }

  only(): { request: Request; body: Uint8Array } {
    expect(this.requests).toHaveLength(1)
    const { method, path, query, headers, body = '' } = this.requests[0]!
    const pairs = Object.entries(query).flatMap(([name, values]) =>
      [values].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
    )
    const search = pairs.length > 0 ? `?${pairs.join('&')}` : ''
    return {
      request: new Request(`http://127.0.0.1:8787${path}${search}`, { method, headers }),
      body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
    }
  }
}

function flipped(text: string): string {
  return text.slice(0, -1) + (text.endsWith('0') ? '1' : '0')
}
