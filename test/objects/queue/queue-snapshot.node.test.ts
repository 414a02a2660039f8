import { describe, expect, it } from 'vitest'
import { NodeQueue } from '../../support/node-queue.ts'

describe('the snapshot of a fair-share queue', () => {
  it('counts active shares, and tells those that use most', async () => {
    const node = new NodeQueue({ schedulingPolicyArn: 'policy' })
    for (const shareIdentifier of ['b', 'a', 'a']) await node.submit({ shareIdentifier })
    await node.makeRoom(3)
    const waiting = await node.submit({ shareIdentifier: 'c' })
    await node.submit({ shareIdentifier: 'd', dependsOn: [{ jobId: waiting }] })
    const ended = await node.submit({ shareIdentifier: 'e' })
    await node.queue.cancelJob(node.target(ended), 'over')
    const outcome = await node.queue.snapshot('queue')
    expect(outcome).toMatchObject({
      ok: true,
      value: {
        front: [{ jobId: waiting }],
        vcpus: 3,
        shares: {
          active: 4,
          top: [
            { share: 'a', vcpus: 2 },
            { share: 'b', vcpus: 1 },
          ],
        },
      },
    })
  })
})
