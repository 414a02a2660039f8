import type { BatchClient } from '@aws-sdk/client-batch'
import { operationModel } from '../../src/api/batch/model/batch-model.ts'
import type { OperationName } from '../../src/api/batch/model/model-types.ts'
import { addCovered } from './covered-members.ts'

/** Which members an SDK client has sent in requests that were answered, and found in the answers. */
export type Recorded = { operations: Set<string>; sent: Set<string>; received: Set<string> }

/** Notes what passes through a client from now on. */
export function record(client: BatchClient): Recorded {
  const recorded: Recorded = { operations: new Set(), sent: new Set(), received: new Set() }
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args)
      const name = (context.commandName ?? '').replace(/Command$/, '') as OperationName
      const model = operationModel(name)
      recorded.operations.add(name)
      addCovered(model.input, args.input, recorded.sent)
      addCovered(model.output, result.output as object, recorded.received)
      return result
    },
    { step: 'initialize' },
  )
  return recorded
}
