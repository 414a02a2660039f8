import { describe, expect, it, vi } from 'vitest'
import { limits } from '../../../src/core/limits.ts'
import { formatAttemptId } from '../../../src/core/model/ids.ts'
import { taskSpec } from '../../../src/core/model/task-spec.ts'
import { aDefinition, anOffer } from '../../support/builders.ts'
import { NodeEnvironment } from '../../support/node-environment.ts'

const attemptsPerHost = 100
const hosts = (2 * limits.lossesPerTurn) / attemptsPerHost + 1
const attemptIds = Array.from({ length: hosts * attemptsPerHost }, (_, i) =>
  formatAttemptId({ queue: 1, seq: i + 1, attempt: 1 }, 'salt'),
)

/** All hosts are full, and then silent for longer than a lease. */
async function silent(): Promise<NodeEnvironment> {
  const node = new NodeEnvironment([{ number: 1, name: 'queue', priority: 1 }])
  await node.environment.ensureConfigured()
  const { session } = await node.environment.openSession(1)
  for (let nth = 0; nth < hosts; nth++) node.hello(nth, anOffer(attemptsPerHost))
  const specs = [taskSpec(aDefinition(), { jobName: 'job' })]
  const asks = attemptIds.map((attemptId) => ({ attemptId, spec: 0, environment: {} }))
  expect(await node.environment.place({ queue: 1, session, specs, asks })).toMatchObject({ blocked: [] })
  for (let nth = 0; nth < hosts; nth++) node.disconnect(nth)
  node.outlastLeases()
  return node
}

function lostTo(node: NodeEnvironment): Set<string> {
  return new Set(node.reports.flatMap(({ kind, attemptId }) => (kind === 'host-lost' ? [attemptId] : [])))
}

describe('hosts that are lost at once, with more attempts than one turn sees to', () => {
  it('are all lost, with turns of others between them', async () => {
    const node = await silent()
    expect(node.ring()).toBe(true)
    expect((await node.environment.describeHosts()).length).toBe(
      hosts - limits.lossesPerTurn / attemptsPerHost,
    )
    while (node.ring());
    expect(await node.environment.describeHosts()).toEqual([])
    await vi.waitFor(() => expect(lostTo(node)).toEqual(new Set(attemptIds)))
  })

  it('are told of although the environment starts anew in their midst', async () => {
    const node = await silent()
    node.ring()
    node.restart()
    node.outlastLeases()
    while (node.ring());
    expect(await node.environment.describeHosts()).toEqual([])
    await vi.waitFor(() => expect(lostTo(node)).toEqual(new Set(attemptIds)))
  })
})
