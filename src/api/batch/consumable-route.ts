import { consumablesStub } from '../../bindings.ts'
import { resourceName } from '../../core/model/deployment.ts'
import { type Outcome, refused } from '../../core/model/outcome.ts'
import type { ConsumablesRpc } from '../../objects/consumables/consumables-rpc.ts'
import type { ApiContext } from '../operation.ts'

/** Asks for a consumable resource that a client names by name or ARN. */
export async function callConsumables<Value>(
  { env, deployment }: ApiContext,
  nameOrArn: string,
  call: (consumables: ConsumablesRpc, name: string) => Promise<Outcome<Value>>,
): Promise<Outcome<Value>> {
  const name = resourceName(deployment, 'consumable-resource', nameOrArn)
  if (name === undefined) return refused(`Consumable resource ${nameOrArn} does not exist`)
  return call(consumablesStub(env), name)
}
