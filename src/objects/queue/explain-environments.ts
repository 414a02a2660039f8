import type { EnvironmentStanding, Shortage } from '../../core/model/explanation.ts'
import type { JobTarget } from '../../core/model/ids.ts'
import type { Job } from '../../core/model/job-record.ts'
import { taskSpec } from '../../core/model/task-spec.ts'
import type { Lack } from '../../core/scheduling/lack.ts'
import type { PlacementQuestion, PlacementView } from '../environment/environment-rpc.ts'
import { gangAsk } from './gang-requests.ts'
import { nextAttempt } from './next-attempt.ts'
import type { QueuePorts } from './queue-ports.ts'
import type { QueueState } from './queue-state.ts'

const scaling = 'no hosts are launched for it: people connect them (longshore agent)'

/** How the environments of the queue's order stand towards a job's next attempt; of an array its next child's. */
export async function environmentStandings(
  ports: QueuePorts,
  state: QueueState,
  job: Job,
  target: JobTarget,
): Promise<EnvironmentStanding[]> {
  const question = questionOf(state, job, target)
  return Promise.all(
    state.config.environments.map(async ({ number, name }) => {
      const view = await ports.environment(number).explainPlacement(question)
      const ahead = view.yieldsTo === undefined ? undefined : await ports.registry.queueConfig(view.yieldsTo)
      return standingOf(name, view, ahead?.name)
    }),
  )
}

function questionOf(state: QueueState, job: Job, { index }: JobTarget): PlacementQuestion {
  const { attemptId } = nextAttempt(state, job, job.array && (index ?? nextChild(state, job)))
  const asked = { queue: state.config.number, attemptId, spec: 0 }
  if (!job.nodes) return { ...asked, specs: [taskSpec(state.jobs.definition(job.definition), job.request)] }
  const { spec, nodes } = gangAsk(state, job)
  return { ...asked, specs: [spec], nodes }
}

function nextChild(state: QueueState, job: Job): number {
  return state.mirror(job).children.startable().next().value ?? 0
}

function standingOf(name: string, view: PlacementView, yieldsTo: string | undefined): EnvironmentStanding {
  const { standing, hosts, fits, nearest, infeasible, reservation, roomBeingMade } = view
  return {
    computeEnvironment: name,
    standing,
    connectedHosts: hosts,
    hasRoom: fits,
    nearestHosts: nearest.map(({ instanceId, lacks }) => ({
      containerInstance: instanceId,
      lacks: lacks.map(shortageOf),
    })),
    ...(infeasible ? { neverFits: infeasible.map(shortageOf) } : {}),
    ...(reservation
      ? {
          reservation: {
            forThisJob: reservation.mine,
            ...(reservation.at === undefined ? {} : { expectedAt: reservation.at }),
          },
        }
      : {}),
    ...(roomBeingMade
      ? { roomBeingMade: { attempts: roomBeingMade.attempts, expectedAt: roomBeingMade.by } }
      : {}),
    ...(yieldsTo === undefined ? {} : { yieldsTo }),
    scaling,
  }
}

function shortageOf({ what, wanted, available }: Lack): Shortage {
  const missing =
    typeof wanted === 'number' && typeof available === 'number'
      ? { missing: Math.round((wanted - available) * 1000) / 1000 }
      : {}
  return { resource: what, wanted: String(wanted), available: String(available), ...missing }
}
