import * as z from 'zod'
import { limits } from '../core/limits.ts'
import { resourcesOf } from '../core/model/resources.ts'
import type { AgentMessage } from './agent-protocol.ts'

const attemptId = z.string().regex(/^[0-9a-f]{32}$/)
const instant = z.number().int().nonnegative()
const ended = z.object({
  attemptId,
  kind: z.literal('ended'),
  cause: z.enum(['exited', 'start-failed', 'timed-out', 'stopped', 'host-failed']),
  startedAt: instant.optional(),
  stoppedAt: instant,
  exitCode: z.number().int().optional(),
  reason: z.string().max(limits.containerReasonLength).optional(),
  containers: z
    .array(
      z.object({
        exitCode: z.number().int().optional(),
        reason: z.string().max(limits.containerReasonLength).optional(),
      }),
    )
    .max(limits.containersPerTask)
    .optional(),
})
const report = z.discriminatedUnion('kind', [
  z.object({ attemptId, kind: z.literal('started'), startedAt: instant }),
  ended,
])
const count = z.number().int().nonnegative()
/** Of an agent of any age, so that one that is too old is told so. */
const resources = z
  .object({
    cpuMilli: count,
    memoryMiB: count,
    gpuMilli: count.optional(),
    diskMiB: count.optional(),
    gpus: count.optional(),
  })
  .transform(resourcesOf)
const images = z.array(z.string().max(limits.imageReferenceLength)).max(limits.hostImages).optional()
const agentMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.number().int(),
    instanceId: z.string().regex(/^[0-9a-f]{32}$/),
    offer: z.object({
      resources,
      architecture: z.enum(['X86_64', 'ARM64']),
      labels: z.record(z.string(), z.string()),
      runtime: z.enum(['docker', 'process']),
      hostname: z.string().max(255),
      gpuModel: z.string().min(1).max(128).optional(),
      privateIpv4Address: z.string().max(15).optional(),
    }),
    attempts: z.array(
      z.discriminatedUnion('state', [
        z.object({ attemptId, state: z.literal('starting') }),
        z.object({ attemptId, state: z.literal('running'), startedAt: instant }),
        z.object({ attemptId, state: z.literal('ended'), report: ended }),
      ]),
    ),
    images,
  }),
  z.object({ type: z.literal('reports'), reports: z.array(report), images }),
  z.object({
    type: z.literal('logs'),
    id: count,
    batches: z.array(
      z.object({
        group: z.string().min(1).max(512),
        stream: z.string().min(1).max(512),
        first: count,
        events: z.array(z.tuple([instant, z.string()])),
      }),
    ),
  }),
])

/**
 * Parses what came in on an agent's socket; the error text names the member that is wrong. Apart from the messages' types,
 * so that the agent does without the schemas.
 */
export function parseAgentMessage(
  text: string,
): { ok: true; message: AgentMessage } | { ok: false; error: string } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { ok: false, error: 'not JSON' }
  }
  const parsed = agentMessage.safeParse(json)
  if (parsed.success) return { ok: true, message: parsed.data as AgentMessage }
  const issue = parsed.error.issues[0]
  return { ok: false, error: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'}` }
}
