import {
  DescribeComputeEnvironmentsCommand,
  DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand,
} from '@aws-sdk/client-batch'
import { batch } from './shared-server.ts'

export function arn(resource: string): string {
  return `arn:aws:batch:us-east-1:000000000000:${resource}`
}

export function policyArn(name: string): string {
  return arn(`scheduling-policy/${name}`)
}

export async function environment(name: string) {
  const command = new DescribeComputeEnvironmentsCommand({ computeEnvironments: [name] })
  return (await batch().send(command)).computeEnvironments?.[0]
}

export async function queue(name: string) {
  return (await batch().send(new DescribeJobQueuesCommand({ jobQueues: [name] }))).jobQueues?.[0]
}

export async function definition(name: string) {
  const command = new DescribeJobDefinitionsCommand({ jobDefinitions: [name] })
  return (await batch().send(command)).jobDefinitions?.[0]
}

/** Environments come back in ascending order, as ARNs. */
export function inOrder({
  computeEnvironmentOrder = [],
}: {
  computeEnvironmentOrder?:
    | { order: number | undefined; computeEnvironment: string | undefined }[]
    | undefined
}) {
  const sorted = computeEnvironmentOrder.toSorted((a, b) => a.order! - b.order!)
  return {
    computeEnvironmentOrder: sorted.map(({ order, computeEnvironment }) => ({
      order,
      computeEnvironment: arn(`compute-environment/${computeEnvironment}`),
    })),
  }
}
