import type { PresentEnvironment, PresentHost, PresentRun } from '../../core/simulation/present-state.ts'
import type { EnvironmentSetup } from './environment-store.ts'
import type { Hosts } from './hosts.ts'
import type { Outlook } from './outlook.ts'

/** What runs told in one turn: others are served between two of them. */
const runsPerTurn = 5_000

/** What the environment is, for a simulation that begins from it. `turn`: lets others have theirs. */
export async function presentEnvironment(
  { config, queues }: EnvironmentSetup,
  all: Hosts,
  outlook: Outlook,
  turn: () => Promise<void>,
): Promise<PresentEnvironment> {
  const { number, name } = config
  const isFresh = outlook.freshness()
  const hosts: PresentHost[] = []
  const runs: PresentRun[] = []
  let toldThisTurn = 0
  for (const { host, open, runs: own } of [...all.occupancy.all()]) {
    const instanceId = all.get(host.id)?.instanceId ?? host.id
    hosts.push({ instanceId, host, open: open && isFresh(host.id) })
    for (const { id: attemptId, resources, cards, endsBy } of own) {
      const { startedAt, main } = all.placement(attemptId) ?? {}
      const started = startedAt === undefined ? {} : { startedAt }
      const node = main === undefined ? {} : { main }
      runs.push({ attemptId, host: host.id, resources, cards, endsBy, ...started, ...node })
    }
    toldThisTurn += own.length
    if (toldThisTurn < runsPerTurn) continue
    toldThisTurn = 0
    await turn()
  }
  const disabled = outlook.standing() === 'disabled'
  return { number, name, disabled, queues: queues.map((queue) => queue.number), hosts, runs }
}
