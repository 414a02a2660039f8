import type { Outcome } from '../../core/model/outcome.ts'
import type { ApiContext, Operation } from '../operation.ts'
import { inputSchema } from './model/input-schema.ts'
import type { InputOf, OperationName } from './model/model-types.ts'

/** An operation of the Batch model: its input is checked by the model and the rules before `handle` sees it. */
export function batchOperation<Name extends OperationName>(
  name: Name,
  handle: (context: ApiContext, input: InputOf<Name>) => Promise<Outcome<object>>,
  options: { requestBytes?: number } = {},
): Operation {
  return {
    name,
    // Made on first use, so that a Worker starts without the schemas of fifty operations.
    get schema() {
      return inputSchema(name)
    },
    ...options,
    handle: (context, input) => handle(context, input as InputOf<Name>),
  }
}
