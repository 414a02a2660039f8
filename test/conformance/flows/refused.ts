import * as sdk from '@aws-sdk/client-batch'
import { CreateJobQueueCommand } from '@aws-sdk/client-batch'
import { beforeAll, describe, expect, it } from 'vitest'
import { visibleState } from '../../support/api-state.ts'
import { refusals } from '../refusals.ts'
import { batch, server } from './shared-server.ts'

const seen = ['default', 'hosts', 'fair']

type AnyCommand = new (input: object) => sdk.DescribeJobsCommand

describe('what AWS documents to be refused', () => {
  let before: unknown

  beforeAll(async () => {
    const computeEnvironmentOrder = [{ order: 1, computeEnvironment: 'hosts' }]
    const disabled = {
      jobQueueName: 'disabled',
      state: 'DISABLED' as const,
      priority: 1,
      computeEnvironmentOrder,
    }
    await batch().send(new CreateJobQueueCommand(disabled))
    before = await visibleState(server(), seen)
  })

  it.each(refusals)('%s refuses %s', async (operation, _, input, says) => {
    const Command = (sdk as unknown as Record<string, AnyCommand>)[`${operation}Command`]!
    await expect(batch().send(new Command(input))).rejects.toMatchObject({
      name: 'ClientException',
      message: expect.stringContaining(says),
      $metadata: { httpStatusCode: 400 },
    })
  })

  it('has changed nothing', async () => {
    expect(await visibleState(server(), seen)).toEqual(before)
  })
})
