import { addResources, noResources, type Resources } from '../model/resources.ts'
import type { Demand } from '../scheduling/demand.ts'

/** A job of a trace or a recorded history, as a simulated scheduler sees it. Times are ms since the trace begins. */
export type TraceJob = {
  /** Its index in the trace. */
  id: number
  submitAt: number
  /** How long it really runs, which no honest scheduler looks at. */
  runMs: number
  /** For how long it may run at most: the user's estimate, or its time-out. Infinity: not said. */
  boundMs: number
  /** One for each node, all of which start together. */
  demands: Demand[]
  /** Whose it is: a user, a group, a share of a queue. */
  share: string
  /** What it runs, such as its definition: jobs of one kind and the same demands and bound are thought to run as long. */
  kind: string
  /** Higher ones first. */
  priority: number
}

/** The name under which one node of a job has its room. */
export function attemptId({ id }: TraceJob, node: number): string {
  return `${id}#${node}`
}

/** What all of its nodes hold together. */
export function resourcesOf({ demands }: Pick<TraceJob, 'demands'>): Resources {
  return demands.reduce((sum, { resources }) => addResources(sum, resources), noResources)
}
