import { attemptNumber } from '../lifecycle/job-lifecycle.ts'
import { whyNodesStop } from '../lifecycle/node-lifecycle.ts'
import type { Job } from '../model/job-record.ts'
import type { Progress } from '../model/progress.ts'
import type { Ledger } from './ledger.ts'

/** What the other nodes do about the main node's new progress, which has been recorded. */
export function settleNodes(ledger: Ledger, job: Job, before: Progress, after: Progress): void {
  if (after.attempts.length > before.attempts.length) {
    stopUnfinishedNodes(ledger, job, after, whyNodesStop(after))
  } else if (after.state === 'RUNNING' && before.state !== 'RUNNING') {
    const attempt = attemptNumber(after)
    // Its end may be reported with its start.
    ledger.later(() => {
      const latest = ledger.job(job.seq)?.progress
      if (latest?.state !== 'RUNNING' || attemptNumber(latest) !== attempt || latest.stop) return
      const nodes = unfinishedNodes(ledger, job, attempt)
      if (nodes.length > 0) ledger.startNodes(job.seq, attempt, nodes, latest.current!.environment)
    })
  }
}

/** Stops the nodes of the main node's last or present attempt; nothing where there is none. */
export function stopUnfinishedNodes(ledger: Ledger, job: Job, main: Progress, reason: string): void {
  const attempt = main.current ? attemptNumber(main) : main.attempts.length
  const environment = (main.current ?? main.attempts.at(-1))?.environment
  if (environment === undefined) return
  const nodes = unfinishedNodes(ledger, job, attempt)
  if (nodes.length > 0) ledger.stopNodes(job.seq, attempt, nodes, environment, reason)
}

/** Whether every node of the main node's attempts so far has ended: only then may another attempt begin. */
export function nodesAreOver(ledger: Ledger, job: Job, main: Progress): boolean {
  return main.attempts.length === 0 || unfinishedNodes(ledger, job, main.attempts.length).length === 0
}

/** Nodes other than the main one whose end in `attempt` is not recorded. */
function unfinishedNodes(ledger: Ledger, job: Job, attempt: number): number[] {
  const nodes: number[] = []
  for (let node = 0; node < (job.nodes?.count ?? 0); node++)
    if (node !== job.nodes!.main && (ledger.node(job.seq, node)?.attempts.length ?? 0) < attempt)
      nodes.push(node)
  return nodes
}
