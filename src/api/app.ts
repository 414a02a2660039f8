import { type Context, Hono } from 'hono'
import type { Env } from '../bindings.ts'
import { limits } from '../core/limits.ts'
import { refused } from '../core/model/outcome.ts'
import { connectAgent } from './agent-route.ts'
import { authenticate } from './auth/authenticate.ts'
import { type BatchRoute, batchRoutes } from './batch/operations.ts'
import { logsOperations } from './logs/operations.ts'
import { type Operation, runOperation } from './operation.ts'
import { readBody } from './request-body.ts'
import { errorResponse, json11, okResponse, restJson, type WireProtocol } from './wire-protocol.ts'

type Bindings = { Bindings: Env; Variables: { requestId: string } }

/** The HTTP surface: AWS Batch (REST-JSON), CloudWatch Logs (JSON 1.1), the agents' way in, a health check. */
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
app.post('/', (context) =>
  serve(context, json11, logsOperations.get(context.req.header('x-amz-target') ?? '')),
)

app.notFound(() => errorResponse(restJson, unknownOperation))

app.onError((error, context) => {
  const { method, path } = context.req
  console.error(`${context.get('requestId')} ${method} ${path}: ${error.stack ?? error.message}`)
  const protocol = method === 'POST' && path === '/' ? json11 : restJson
  const message = 'An internal error occurred; the request may be tried again.'
  return errorResponse(protocol, refused(message, 'ServerException').refusal)
})

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

/** Reads and authenticates a request whole before anything of it acts. */
async function serve(
  context: Context<Bindings>,
  protocol: WireProtocol,
  operation: Operation | undefined,
  members: Record<string, unknown> = {},
): Promise<Response> {
  if (!operation) return errorResponse(protocol, unknownOperation)
  const { env } = context
  const request = context.req.raw
  const body = await readBody(request, operation.requestBytes ?? limits.requestBytes, protocol.invalidInput)
  if (!body.ok) return errorResponse(protocol, body.refusal)
  const principal = await authenticate(request, body.value, protocol.service, env, Date.now())
  if (!principal.ok) return errorResponse(protocol, principal.refusal)
  if (principal.value.kind !== 'admin') return errorResponse(protocol, agentDenied)
  const outcome = await runOperation(operation, protocol, { body: body.value, members }, env)
  return outcome.ok ? okResponse(protocol, outcome.value) : errorResponse(protocol, outcome.refusal)
}

const agentDenied = refused(
  'The agent token only lets hosts join compute environments',
  'AccessDeniedException',
).refusal
