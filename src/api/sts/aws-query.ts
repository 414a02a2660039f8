import type { WireProtocol } from '../wire-protocol.ts'

/** What this code is called where errors are of the Query protocol's older stock, and its status. */
const codes: Record<string, [code: string, status: number]> = {
  AccessDeniedException: ['AccessDenied', 403],
  IncompleteSignatureException: ['IncompleteSignature', 403],
  InvalidSignatureException: ['SignatureDoesNotMatch', 403],
  MissingAuthenticationTokenException: ['MissingAuthenticationToken', 403],
  UnknownOperationException: ['InvalidAction', 400],
  UnrecognizedClientException: ['InvalidClientTokenId', 403],
  ServerException: ['InternalFailure', 500],
}

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/'

/**
 * STS's protocol: a form that names its `Action`, answered in XML.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
export const awsQuery: WireProtocol = {
  service: 'sts',
  contentType: 'text/xml',
  invalidInput: 'ValidationError',
  malformedBody: 'MalformedInput',
  malformedText: 'request body: must be a form in UTF-8',
  parseBody: parseForm,
  errorStatus: (code) => codes[code]?.[1] ?? 400,
  errorHeaders: () => ({}),
  errorBody: ({ code, message }, requestId) =>
    document('ErrorResponse', {
      Error: {
        Type: code === 'ServerException' ? 'Receiver' : 'Sender',
        Code: codes[code]?.[0] ?? code,
        Message: message,
      },
      RequestId: requestId,
    }),
  okBody: (output, { operation, requestId }) =>
    document(`${operation}Response`, {
      [`${operation}Result`]: output,
      ResponseMetadata: { RequestId: requestId },
    }),
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** The form a body holds, each name once; undefined for what is not UTF-8. */
export function parseForm(body: Uint8Array): Record<string, string> | undefined {
  try {
    return Object.fromEntries(new URLSearchParams(utf8.decode(body)))
  } catch {
    return undefined
  }
}

function document(root: string, members: object): string {
  return `<${root} xmlns="${namespace}">${elements(members)}</${root}>`
}

function elements(members: object): string {
  return Object.entries(members)
    .map(([name, value]) => `<${name}>${typeof value === 'object' ? elements(value) : text(value)}</${name}>`)
    .join('')
}

/** Escaped; characters that XML cannot carry at all become the replacement character. */
function text(value: unknown): string {
  return String(value)
    .toWellFormed()
    .replace(/[\p{Cc}\ufffe\uffff]/gu, (character) => (/[\t\n\r]/.test(character) ? character : '\ufffd'))
    .replace(/[&<>"\r]/g, (character) => `&#${character.charCodeAt(0)};`)
}
