import { weightOf } from '../core/scheduling/share-weights.ts'
import { measureFairness } from '../core/simulation/fairness.ts'
import { onProcessors, processorsOf } from '../core/simulation/machine.ts'
import { measure } from '../core/simulation/metrics.ts'
import { baselines, longshoreOn } from '../core/simulation/named-policies.ts'
import { type Scheduler, type Starts, simulate } from '../core/simulation/simulate.ts'
import type { QueuePolicy } from '../core/simulation/simulated-queue.ts'
import type { TraceJob } from '../core/simulation/trace-job.ts'
import type { ReplayOptions } from './arguments.ts'
import { CliError } from './cli-error.ts'
import { readReplayFile } from './replay-file.ts'
import { readReplayPolicy } from './replay-policy.ts'
import { type ReplayRow, replayText } from './replay-text.ts'

const dayMs = 86_400_000

/** Runs a trace or a recorded history under Longshore's policy and others; what is to be printed. */
export async function replayCommand(options: ReplayOptions): Promise<string> {
  const trace = await readReplayFile(options.file, options.owner)
  const policy = options.policy === undefined ? {} : await readReplayPolicy(options.policy)
  const processors = options.processors ?? ('processors' in trace ? trace.processors : undefined)
  if (processors === undefined)
    throw new CliError('--processors is missing, and the trace does not say its own')
  const { jobs, leftOut } = fitting(trace.jobs.map(onProcessors), processors, trace.leftOut)
  if (jobs.length === 0)
    throw new CliError(`${options.file} holds no job that ran and fits ${processors} processors`)
  const fairness = { weightOf: weightsOf(policy) }
  const rows = [...schedulers(options, policy, processors)].map(([name, scheduler]) =>
    rowOf(name, jobs, simulate(jobs, scheduler), processors, fairness),
  )
  if ('recorded' in trace && jobs.length === trace.jobs.length)
    rows.unshift(rowOf('as recorded', jobs, trace.recorded, processors, fairness))
  const result = { file: options.file, jobs: jobs.length, leftOut, processors, rows }
  return options.json ? `${JSON.stringify(result, null, 2)}\n` : replayText(result)
}

/** By the policy, the lower a share's factor the more it may have. */
function weightsOf({ fairsharePolicy = {} }: QueuePolicy): (share: string) => number {
  return (share) => 1 / weightOf(fairsharePolicy, share).at(-1)!
}

/** Jobs larger than the machine can never start. */
function fitting(jobs: TraceJob[], processors: number, leftOut: number) {
  const fit = jobs.filter((job) => processorsOf(job) <= processors)
  return { jobs: fit.map((job, id) => ({ ...job, id })), leftOut: leftOut + jobs.length - fit.length }
}

function* schedulers(
  { against }: ReplayOptions,
  policy: QueuePolicy,
  processors: number,
): Generator<[string, Scheduler]> {
  yield ['longshore', longshoreOn(processors, policy)]
  const schedulingSettings = { ...policy.schedulingSettings, blockedHead: 'STRICT' as const }
  const strict: QueuePolicy = { ...policy, schedulingSettings }
  for (const name of against)
    yield [name, name === 'strict' ? longshoreOn(processors, strict) : baselines[name](processors)]
}

function rowOf(
  policy: string,
  jobs: TraceJob[],
  starts: Starts,
  processors: number,
  fairness: { weightOf: (share: string) => number },
): ReplayRow {
  const size = { capacity: processors, sizeOf: processorsOf }
  const row: ReplayRow = { policy, metrics: measure(jobs, starts, size) }
  // Of a tree of shares, or of one share, there is nothing to compare.
  if (jobs.every(({ share }) => share === jobs[0]!.share) || jobs.some(({ share }) => share.includes('/')))
    return row
  const { misallocation } = measureFairness(jobs, starts, { ...size, ...fairness, windowMs: dayMs })
  return { ...row, ...(misallocation === undefined ? {} : { misallocation }) }
}
