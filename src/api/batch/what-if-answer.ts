import type { PresentState } from '../../core/simulation/changed-state.ts'
import type {
  HostForecast,
  JobForecast,
  WaitForecast,
  WhatIfAnswer,
  WorldForecast,
} from '../../core/simulation/what-if.ts'
import type { PresentAnswer } from '../../objects/queue/queue-rpc.ts'

type Made = { state: PresentState; answer: WhatIfAnswer }

const costBasis =
  'List prices of the resources asked for (AWS Fargate, us-east-1, and 0.526 USD an hour for a GPU) while it runs; hosts that people connect have no price.'

/** WhatIf's output. Times are epoch ms. */
export function whatIfOutput(
  { state, answer }: Made,
  { present, unmet }: PresentAnswer,
  assumedRunSeconds: number,
): object {
  const assumptions = assumptionsOf(state, answer, { unmet, assumedRunSeconds, ...present })
  return {
    at: state.now,
    present: worldOutput(state, answer.present),
    whatIf: worldOutput(state, answer.whatIf),
    assumptions,
  }
}

function worldOutput(state: PresentState, { job, waiting }: WorldForecast): object {
  return { ...(job ? { job: jobOutput(state, job) } : {}), waiting: waitingOutput(waiting) }
}

function jobOutput(state: PresentState, job: JobForecast): object {
  const { attempts, startsAt, lastStartsAt, endsAt, isAtLeast, never, runTime, hosts, dollars } = job
  return {
    attempts,
    ...(startsAt === undefined ? {} : { startsAt }),
    ...(isAtLeast ? { isAtLeast } : {}),
    ...(attempts > 1 && lastStartsAt !== undefined ? { lastStartsAt } : {}),
    ...(endsAt === undefined ? {} : { endsAt }),
    ...(never === undefined ? {} : { neverStarts: never }),
    runSeconds: runTime.ms / 1000,
    runTimeBasis: runTime.basis,
    hosts: hosts.map((host) => hostOutput(state, host)),
    cost: { amount: Number(dollars.toPrecision(4)), currency: 'USD', basis: costBasis },
  }
}

function hostOutput({ environments }: PresentState, forecast: HostForecast): object {
  const { environment, attempts, host, instanceId, isAdded } = forecast
  const { capacity, cards, gpuModel, architecture, labels } = host
  return {
    computeEnvironment: environments.find(({ number }) => number === environment)?.name ?? '',
    attempts,
    ...(instanceId === undefined || isAdded ? {} : { containerInstance: instanceId }),
    ...(isAdded ? { isAdded } : {}),
    vcpus: capacity.cpuMilli / 1000,
    memory: capacity.memoryMiB,
    gpus: cards,
    ...(gpuModel === undefined ? {} : { gpuModel }),
    cpuArchitecture: architecture,
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
  }
}

function waitingOutput({ attempts, neverStart, waitMs }: WaitForecast): object {
  const seconds = (ms: number) => Math.round(ms) / 1000
  return {
    attempts,
    neverStart,
    meanSeconds: seconds(waitMs.mean),
    p95Seconds: seconds(waitMs.p95),
    maxSeconds: seconds(waitMs.max),
  }
}

type Asked = Pick<PresentAnswer, 'unmet'> &
  Pick<PresentAnswer['present'], 'waitForConsumables'> & { assumedRunSeconds: number }

/** What the forecast takes for granted, in words. */
function assumptionsOf(
  { queues }: PresentState,
  { present, whatIf, assumedRunTimes, mayPreempt }: WhatIfAnswer,
  { unmet, assumedRunSeconds, waitForConsumables }: Asked,
): string[] {
  const cut = queues.filter(({ isCut }) => isCut).map(({ name }) => name)
  const notes: [boolean, string][] = [
    [true, 'Nothing else is submitted, nothing fails or is stopped, and hosts stay as they are.'],
    [
      assumedRunTimes > 0,
      `Of ${assumedRunTimes} jobs and attempts nothing is known of the run time: ${assumedRunSeconds} s (assumedRunSeconds), or their time-out where that is shorter.`,
    ],
    [unmet.includes('DEPENDENCY'), 'The jobs that it depends on have ended well.'],
    [unmet.includes('CONSUMABLE_RESOURCE'), 'The consumable resources that it needs are there.'],
    [waitForConsumables > 0, `${waitForConsumables} jobs that wait for consumable resources are left out.`],
    [cut.length > 0, `Of what waits only the first is gone through: ${cut.join(', ')}.`],
    [mayPreempt, 'What is told to make room has done so after 30 s, and then runs anew.'],
    [present.isCut || whatIf.isCut, 'The simulation was left before all had started: it took too long.'],
  ]
  return notes.flatMap(([holds, text]) => (holds ? [text] : []))
}
