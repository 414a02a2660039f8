import { type Context, Hono } from 'hono'
import type { Env } from '../bindings.ts'
import { limits } from '../core/limits.ts'
import { refused } from '../core/model/outcome.ts'
import { connectAgent } from './agent-route.ts'
import { authenticate } from './auth/authenticate.ts'
import { type BatchRoute, batchRoutes } from './batch/operations.ts'
import { logsOperations } from './logs/operations.ts'
import { type Operation, type OperationRequest, runOperation } from './operation.ts'
import { readBody } from './request-body.ts'
import { awsQuery, parseForm } from './sts/aws-query.ts'
import { stsOperations } from './sts/operations.ts'
import { errorResponse, json11, okResponse, restJson, type WireProtocol } from './wire-protocol.ts'

type Bindings = { Bindings: Env; Variables: { requestId: string } }

/** The HTTP surface: AWS Batch (REST-JSON), CloudWatch Logs (JSON 1.1), STS (Query), the agents' way in, a health check. */
export const app = new Hono<Bindings>()

app.use(async (context, next) => {
  const requestId = crypto.randomUUID()
  context.set('requestId', requestId)
  await next()
  if (context.res.status === 101) return
  context.res.headers.set('x-amzn-requestid', requestId)
  // SDKs correct their clock's skew by it.
  context.res.headers.set('date', new Date().toUTCString())
})

app.get('/healthz', (context) => context.text('ok'))
app.get('/agent/v1/environments/:name/connect', (context) =>
  connectAgent(context.req.raw, context.req.param('name'), context.env),
)
// A label may be a whole ARN, percent-encoded by SDKs and with bare slashes by people.
for (const { model, operation } of batchRoutes)
  app.on(model.method, model.path.replace(/\{(\w+)\}/g, ':$1{.+}'), (context) =>
    serve(context, restJson, operation, outsideBody(context, model)),
  )
app.post('/', (context) => {
  if (rootProtocol(context) === awsQuery) return serveForm(context)
  return serve(context, json11, logsOperations.get(context.req.header('x-amz-target') ?? ''))
})

app.notFound((context) => errorResponse(restJson, unknownOperation, context.get('requestId')))

app.onError((error, context) => {
  const { method, path } = context.req
  console.error(`${context.get('requestId')} ${method} ${path}: ${error.stack ?? error.message}`)
  const protocol = method === 'POST' && path === '/' ? rootProtocol(context) : restJson
  const message = 'An internal error occurred; the request may be tried again.'
  return errorResponse(protocol, refused(message, 'ServerException').refusal, context.get('requestId'))
})

/** Two services share `POST /`: STS sends forms, CloudWatch Logs JSON. */
function rootProtocol(context: { req: { header(name: string): string | undefined } }): WireProtocol {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(context.req.header('content-type') ?? '')
  return isForm ? awsQuery : json11
}

const unknownOperation = refused(
  'The requested operation is not recognized.',
  'UnknownOperationException',
).refusal

/** Members of an input that travel in the path or the query. */
function outsideBody(
  { req }: Context<Bindings>,
  { query = [] }: BatchRoute['model'],
): Record<string, unknown> {
  const lists = query.map((name) => [name, req.queries(name)] as const).filter(([, values]) => values)
  return { ...req.param(), ...Object.fromEntries(lists) }
}

/** Reads a request whole before anything of it acts. */
async function serve(
  context: Context<Bindings>,
  protocol: WireProtocol,
  operation: Operation | undefined,
  members: Record<string, unknown> = {},
): Promise<Response> {
  const requestId = context.get('requestId')
  if (!operation) return errorResponse(protocol, unknownOperation, requestId)
  const limit = operation.requestBytes ?? limits.requestBytes
  const body = await readBody(context.req.raw, limit, protocol.invalidInput)
  if (!body.ok) return errorResponse(protocol, body.refusal, requestId)
  const idempotencyKey = context.req.header('idempotency-key')
  return answer(context, protocol, operation, { body: body.value, members, idempotencyKey })
}

/** Serves a request whose body names the operation. */
async function serveForm(context: Context<Bindings>): Promise<Response> {
  const requestId = context.get('requestId')
  const body = await readBody(context.req.raw, limits.requestBytes, awsQuery.invalidInput)
  if (!body.ok) return errorResponse(awsQuery, body.refusal, requestId)
  const action = parseForm(body.value)?.Action ?? ''
  const operation = stsOperations.get(action)
  if (operation) return answer(context, awsQuery, operation, { body: body.value, members: {} })
  const message = `Could not find operation ${action.slice(0, 128)}`
  return errorResponse(awsQuery, refused(message, unknownOperation.code).refusal, requestId)
}

async function answer(
  context: Context<Bindings>,
  protocol: WireProtocol,
  operation: Operation,
  request: OperationRequest,
): Promise<Response> {
  const requestId = context.get('requestId')
  const { req, env } = context
  const principal = await authenticate(req.raw, request.body, protocol.service, env, Date.now())
  if (!principal.ok) return errorResponse(protocol, principal.refusal, requestId)
  if (principal.value.kind !== 'admin') return errorResponse(protocol, agentDenied, requestId)
  const outcome = await runOperation(operation, protocol, request, env, req.header('user-agent'))
  if (!outcome.ok) return errorResponse(protocol, outcome.refusal, requestId)
  return okResponse(protocol, outcome.value, { operation: operation.name, requestId })
}

const agentDenied = refused(
  'The agent token only lets hosts join compute environments',
  'AccessDeniedException',
).refusal
