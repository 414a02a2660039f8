import type { Refusal } from '../core/model/outcome.ts'

/** How one AWS protocol writes requests and errors. */
export type WireProtocol = {
  /** The service name that signatures are scoped to. */
  service: 'batch' | 'logs'
  contentType: string
  /** Error code of an input that breaks a rule of its schema. */
  invalidInput: string
  /** Error code of a body that is not JSON. */
  malformedBody: string
  errorStatus(code: string): number
  /** Error codes travel in a header (REST-JSON) or in the body (JSON 1.1). */
  errorHeaders(code: string): Record<string, string>
  errorBody(refusal: Refusal): object
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
  service: 'batch',
  contentType: 'application/json',
  invalidInput: 'ClientException',
  malformedBody: 'ClientException',
  errorStatus: (code) => restJsonStatus[code] ?? 400,
  errorHeaders: (code) => ({ 'x-amzn-ErrorType': code }),
  errorBody: ({ message }) => ({ message }),
}

/**
 * CloudWatch Logs' protocol: the operation in `X-Amz-Target`, the code in `__type`, 400 for every client error,
 * bad signatures included. https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export const json11: WireProtocol = {
  service: 'logs',
  contentType: 'application/x-amz-json-1.1',
  invalidInput: 'InvalidParameterException',
  malformedBody: 'SerializationException',
  errorStatus: (code) => (code === 'ServerException' ? 500 : 400),
  errorHeaders: () => ({}),
  errorBody: ({ code, message }) => ({ __type: code, message }),
}

export function okResponse(protocol: WireProtocol, output: object): Response {
  return new Response(JSON.stringify(output), { headers: { 'content-type': protocol.contentType } })
}

export function errorResponse(protocol: WireProtocol, refusal: Refusal): Response {
  return new Response(JSON.stringify(protocol.errorBody(refusal)), {
    status: protocol.errorStatus(refusal.code),
    headers: { 'content-type': protocol.contentType, ...protocol.errorHeaders(refusal.code) },
  })
}
