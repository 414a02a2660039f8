import { present } from '../../core/assert.ts'
import { imagesOf } from '../../core/model/image-reference.ts'
import type { TaskSpec } from '../../core/model/task-spec.ts'
import { demandOf } from '../../core/scheduling/demand.ts'
import type { Ask } from '../../core/scheduling/grant-choice.ts'
import { nodeBoundMs, runBoundMs } from '../../core/scheduling/run-bound.ts'
import type { PlaceAsk } from './environment-rpc.ts'

/** What is to be placed for an ask: its own attempt, then its nodes. */
export function askOf(
  specs: readonly TaskSpec[],
  { attemptId, spec: index, nodes = [] }: Omit<PlaceAsk, 'environment'>,
): Ask {
  const spec = present(specs[index], 'spec of an ask')
  const main = {
    id: attemptId,
    demand: demandOf({ ...spec, images: imagesOf(spec) }),
    boundMs: runBoundMs(spec),
  }
  const others = nodes.map((node) => ({
    id: node.attemptId,
    demand: demandOf(node),
    boundMs: nodeBoundMs(spec),
  }))
  return { attempts: [main, ...others] }
}
