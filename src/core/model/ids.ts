import { assert } from '../assert.ts'

/**
 * Identifiers carry their own directory: a job id holds its queue's number, the intake shard and the job's
 * sequence number in that queue, so any id finds its JobQueue object and an integer row key without a look-up.
 *
 * Job id, a UUID (version 8, variant 10), 122 free bits:
 *   qqqqqqhh-ssss-8sss-vsss-tttttttttttt    queue 24, shard 8, sequence 16 + 12 + 12 = 40,
 *                                           variant nibble `v` (10 + 2 bits of tag), tag 48
 * Attempt id, 32 hex digits, also the task id at the end of a taskArn and of a log stream's name:
 *   qqqqqq ssssssssss iiiiii aa nnn ttttt   queue 24, sequence 40, array index 24 (ffffff: none),
 *                                           attempt 8, node 12 (fff: none), tag 20
 * A child of an array is `{job id}:{index}`, a node of a multi-node parallel job `{job id}#{node}`.
 * The tag is a keyed digest of the other fields under the deployment's salt: an id of another deployment,
 * or an invented one, is recognised as unknown without a read.
 */
export type JobKey = { queue: number; shard: number; seq: number }

/** A job, one child of an array job (`index`), or one node of a multi-node parallel job (`node`). */
export type JobTarget = JobKey & { index?: number; node?: number }

/** One try at running a job, an array child, or a node. `attempt` counts from 1. */
export type AttemptKey = { queue: number; seq: number; index?: number; node?: number; attempt: number }

export type AttemptId = string

export const maxQueueNumber = 0xff_ffff - 1
export const maxSequence = 2 ** 40 - 1
export const maxArrayIndex = 0xff_fffe
export const maxNodeIndex = 0xffe
const noIndex = 0xff_ffff
const noNode = 0xfff

export function formatJobId(key: JobTarget, salt: string): string {
  assert(key.queue >= 0 && key.queue <= maxQueueNumber, `queue number out of range: ${key.queue}`)
  assert(key.seq >= 0 && key.seq <= maxSequence, `sequence out of range: ${key.seq}`)
  const head = hex(key.queue, 6) + hex(key.shard, 2)
  const seq = hex(key.seq, 10)
  const tag = digestHex(`job:${salt}:${head}${seq}`)
  const variant = (8 + (Number.parseInt(tag[12]!, 16) & 3)).toString(16)
  const id = `${head}-${seq.slice(0, 4)}-8${seq.slice(4, 7)}-${variant}${seq.slice(7)}-${tag.slice(0, 12)}`
  if (key.node !== undefined) return `${id}#${key.node}`
  return key.index === undefined ? id : `${id}:${key.index}`
}

const jobIdPattern =
  /^([0-9a-f]{8})-([0-9a-f]{4})-8([0-9a-f]{3})-[89ab]([0-9a-f]{3})-[0-9a-f]{12}(?::(0|[1-9][0-9]{0,7})|#(0|[1-9][0-9]{0,3}))?$/

/** The job a text names, or undefined for anything this deployment did not issue. Never throws. */
export function parseJobId(text: string, salt: string): JobTarget | undefined {
  const match = jobIdPattern.exec(text.toLowerCase())
  if (!match) return undefined
  const [, head, a, b, c, index, node] = match
  const key: JobTarget = {
    queue: Number.parseInt(head!.slice(0, 6), 16),
    shard: Number.parseInt(head!.slice(6), 16),
    seq: Number.parseInt(a! + b! + c!, 16),
  }
  if (index !== undefined) {
    key.index = Number(index)
    if (key.index > maxArrayIndex) return undefined
  }
  if (node !== undefined) {
    key.node = Number(node)
    if (key.node > maxNodeIndex) return undefined
  }
  if (key.queue > maxQueueNumber) return undefined
  return formatJobId(key, salt) === text.toLowerCase() ? key : undefined
}

export function formatAttemptId(key: AttemptKey, salt: string): AttemptId {
  assert(key.attempt >= 1 && key.attempt <= 255, `attempt out of range: ${key.attempt}`)
  const body =
    hex(key.queue, 6) +
    hex(key.seq, 10) +
    hex(key.index ?? noIndex, 6) +
    hex(key.attempt, 2) +
    hex(key.node ?? noNode, 3)
  return body + digestHex(`attempt:${salt}:${body}`).slice(0, 5)
}

/** The attempt a text names, or undefined for anything this deployment did not issue. Never throws. */
export function parseAttemptId(text: string, salt: string): AttemptKey | undefined {
  if (!/^[0-9a-f]{32}$/.test(text)) return undefined
  const index = Number.parseInt(text.slice(16, 22), 16)
  const node = Number.parseInt(text.slice(24, 27), 16)
  const key: AttemptKey = {
    queue: Number.parseInt(text.slice(0, 6), 16),
    seq: Number.parseInt(text.slice(6, 16), 16),
    attempt: Number.parseInt(text.slice(22, 24), 16),
    ...(index === noIndex ? {} : { index }),
    ...(node === noNode ? {} : { node }),
  }
  if (key.attempt < 1 || key.queue > maxQueueNumber) return undefined
  return formatAttemptId(key, salt) === text ? key : undefined
}

/** The attempt's number in an id that is known to be this deployment's. */
export function attemptIn(attemptId: AttemptId): number {
  return Number.parseInt(attemptId.slice(22, 24), 16)
}

/** The instance id form clients parse (`i-` and 17 hex digits), from the 32 hex digits an agent calls itself by. */
export function formatInstanceId(agentId: string): string {
  return `i-${agentId.slice(0, 17)}`
}

function hex(value: number, digits: number): string {
  const text = value.toString(16)
  assert(text.length <= digits, `${value} does not fit ${digits} hex digits`)
  return text.padStart(digits, '0')
}

/** A 53-bit non-cryptographic hash of a text (cyrb53, public domain): stable, quick, spread evenly. */
export function hash53(text: string, seed = 0): number {
  let a = 0xdeadbeef ^ seed
  let b = 0x41c6ce57 ^ seed
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return 4294967296 * (2097151 & b) + (a >>> 0)
}

function digestHex(text: string): string {
  return hex(hash53(text), 14)
}
