import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { type DescribedJob, type JobHistory, readJobHistory } from '../core/simulation/job-history.ts'
import { parseSwf, SwfError, type SwfOwner, type SwfTrace } from '../core/simulation/swf.ts'
import { CliError } from './cli-error.ts'

/** What a file holds: a log of a parallel machine, or jobs as DescribeJobs tells of them. */
export type ReplayFile = SwfTrace | JobHistory

const describedJob = z.object({
  createdAt: z.number().optional(),
  startedAt: z.number().optional(),
  stoppedAt: z.number().optional(),
  jobDefinition: z.string().optional(),
  shareIdentifier: z.string().optional(),
  schedulingPriority: z.number().optional(),
  timeout: z.object({ attemptDurationSeconds: z.number().optional() }).optional(),
  container: z
    .object({
      vcpus: z.number().optional(),
      memory: z.number().optional(),
      resourceRequirements: z.array(z.object({ type: z.string(), value: z.string() })).optional(),
    })
    .optional(),
})
const describedJobs = z.object({ jobs: z.array(describedJob) })

/** Reads a trace or a history, compressed by gzip or not. Throws CliError that says what is wrong, and where. */
export async function readReplayFile(path: string, owner: SwfOwner): Promise<ReplayFile> {
  const text = await readText(path)
  try {
    return /^\s*[[{]/.test(text) ? readJobHistory(describedJobsIn(text, path)) : parseSwf(text, owner)
  } catch (error) {
    if (error instanceof SwfError)
      throw new CliError(`${path} is no log in the Standard Workload Format: ${error.message}`)
    throw error
  }
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path)
    return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch (error) {
    throw new CliError(`${path} cannot be read: ${(error as Error).message}`)
  }
}

/** One answer of DescribeJobs, or one job or answer a line. */
function describedJobsIn(text: string, path: string): DescribedJob[] {
  const whole = parseJson(text)
  if (whole !== undefined) return jobsIn(whole, path)
  return text.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return []
    const value = parseJson(line)
    if (value === undefined) throw new CliError(`${path}, line ${at + 1}: not JSON`)
    return jobsIn(value, `${path}, line ${at + 1}`)
  })
}

function jobsIn(value: unknown, where: string): DescribedJob[] {
  const isAnswer = typeof value === 'object' && value !== null && 'jobs' in value
  const parsed = isAnswer ? describedJobs.safeParse(value) : describedJob.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new CliError(`${where}: ${issue!.path.join('.') || 'the job'}: ${issue!.message}`)
  }
  return 'jobs' in parsed.data ? parsed.data.jobs : [parsed.data]
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
