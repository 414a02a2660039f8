import * as z from 'zod'
import type { Deployment } from '../../core/model/deployment.ts'
import { hash53 } from '../../core/model/ids.ts'
import { accepted } from '../../core/model/outcome.ts'
import { operation } from '../operation.ts'

/** Who the caller is: the deployment's one principal, an IAM user named admin. Clients take the account from it. */
export const getCallerIdentity = operation({
  name: 'GetCallerIdentity',
  schema: z.object({}),
  handle: async ({ deployment }) =>
    accepted({
      Arn: `arn:${deployment.partition}:iam::${deployment.accountId}:user/admin`,
      UserId: userId(deployment, 'admin'),
      Account: deployment.accountId,
    }),
})

/** `AIDA` and 17 letters or digits, as IAM's unique ids of users are; the same for ever. */
function userId({ accountId }: Deployment, name: string): string {
  return `AIDA${hash53(`${accountId}/${name}`).toString(36).toUpperCase().padStart(17, '0')}`
}
