import type { Refusal } from '../core/model/outcome.ts'
import { parseJson } from './validation.ts'

/** How one AWS protocol writes requests and errors. */
export type WireProtocol = {
  /** The service name that signatures are scoped to. */
  service: 'batch' | 'logs' | 'sts'
  contentType: string
  /** Error code of an input that breaks a rule of its schema. */
  invalidInput: string
  /** Error code of a body that cannot be read, and what its refusal says. */
  malformedBody: string
  malformedText: string
  /** The input in a request's body; undefined for a body that cannot be read. */
  parseBody(body: Uint8Array): unknown
  errorStatus(code: string): number
  /** Error codes travel in a header (REST-JSON) or in the body (the others). */
  errorHeaders(code: string): Record<string, string>
  errorBody(refusal: Refusal, requestId: string): string
  okBody(output: object, answered: Answered): string
}

/** Which request an answer is for. */
export type Answered = { operation: string; requestId: string }

const json = {
  malformedText: 'request body: must be JSON in UTF-8',
  parseBody: parseJson,
  okBody: (output: object) => JSON.stringify(output),
}

const restJsonStatus: Record<string, number> = {
  AccessDeniedException: 403,
  IncompleteSignatureException: 403,
  InvalidSignatureException: 403,
  MissingAuthenticationTokenException: 403,
  UnrecognizedClientException: 403,
  UnknownOperationException: 404,
  UpgradeRequiredException: 426,
  ResourceNotFoundException: 404,
  TooManyRequestsException: 429,
  ServerException: 500,
}

/**
 * AWS Batch's protocol: the code in `x-amzn-ErrorType`, 400 for what the client did wrong, 403 for who it is.
 * https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
export const restJson: WireProtocol = {
  ...json,
  service: 'batch',
  contentType: 'application/json',
  invalidInput: 'ClientException',
  malformedBody: 'ClientException',
  errorStatus: (code) => restJsonStatus[code] ?? 400,
  errorHeaders: (code) => ({ 'x-amzn-ErrorType': code }),
  errorBody: ({ message }) => JSON.stringify({ message }),
}

/**
 * CloudWatch Logs' protocol: the operation in `X-Amz-Target`, the code in `__type`, 400 for every client error,
 * bad signatures included. https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export const json11: WireProtocol = {
  ...json,
  service: 'logs',
  contentType: 'application/x-amz-json-1.1',
  invalidInput: 'InvalidParameterException',
  malformedBody: 'SerializationException',
  errorStatus: (code) => (code === 'ServerException' ? 500 : 400),
  errorHeaders: () => ({}),
  errorBody: ({ code, message }) => JSON.stringify({ __type: code, message }),
}

/** An operation that streams answers with a response of its own; for the others this writes `output`. */
export function okResponse(protocol: WireProtocol, output: object, answered: Answered): Response {
  if (output instanceof Response) return output
  return new Response(protocol.okBody(output, answered), {
    headers: { 'content-type': protocol.contentType },
  })
}

export function errorResponse(protocol: WireProtocol, refusal: Refusal, requestId = ''): Response {
  return new Response(protocol.errorBody(refusal, requestId), {
    status: protocol.errorStatus(refusal.code),
    headers: { 'content-type': protocol.contentType, ...protocol.errorHeaders(refusal.code) },
  })
}
