import { describe, expect, it } from 'vitest'
import { parseJobId } from '../../src/core/model/ids.ts'
import type { ResourceRequirement } from '../../src/core/model/job-definition.ts'
import type { QueueConfig } from '../../src/core/model/queue.ts'
import type { Environment } from '../../src/objects/environment/environment.ts'
import type { Queue } from '../../src/objects/queue/queue.ts'
import { agentProtocolVersion } from '../../src/protocol/agent-protocol.ts'
import type { PeerSocket } from '../../src/runtime/sockets.ts'
import { aDefinition, anOffer, aQueueConfig } from '../support/builders.ts'
import { FaultyNetwork } from './faulty-network.ts'
import type { SimObject } from './sim-object.ts'
import { simEnvironment, simQueue } from './sim-parts.ts'
import { type Life, World } from './world.ts'

const salt = 'quiet'
const deployment = { partition: 'aws', region: 'us-east-1', accountId: '0', salt }
const hourMs = 3_600_000

/** Two queues, both of which want more than one environment with one host of 4 vCPUs has, and what they say to each other. */
class WantingSystem {
  readonly world = new World(1)
  /** Calls between objects, in the time that passed last. */
  readonly calls: string[] = []
  private readonly network = new FaultyNetwork(this.world, { callFails: 0, delayMs: 20 })
  private readonly configs: QueueConfig[]
  private readonly share: { shareIdentifier?: string }
  private readonly queues: SimObject<Queue>[]
  private readonly environment: SimObject<Environment>
  private readonly socket: PeerSocket = {
    send: () => undefined,
    close: () => undefined,
    lastPongAt: () => this.world.now(),
    peer: () => this.peer,
    setPeer: (peer) => {
      this.peer = peer
    },
  }
  private peer: string | undefined

  constructor(members: Partial<QueueConfig>) {
    const environments = [{ number: 1, name: 'only' }]
    this.configs = [1, 10].map((priority, at) =>
      aQueueConfig({ ...members, number: at + 1, name: `q${at + 1}`, priority, environments }),
    )
    this.share = members.fairsharePolicy ? { shareIdentifier: 'share' } : {}
    this.queues = this.configs.map((config) => this.buildQueue(config))
    this.environment = this.buildEnvironment()
  }

  connectHost(): void {
    const offer = anOffer(4)
    const hello = { type: 'hello', protocol: agentProtocolVersion, instanceId: 'f'.repeat(32), offer }
    this.environment.get().rpc.received(this.socket, JSON.stringify({ ...hello, attempts: [] }))
  }

  async submit(at: number, vcpus: number): Promise<string> {
    const resourceRequirements: ResourceRequirement[] = [{ type: 'VCPU', value: `${vcpus}` }]
    const outcome = await this.waitFor(
      this.queues[at]!.get().rpc.submitJob({
        queue: this.configs[at]!.name,
        definition: { name: 'definition' },
        request: { jobName: 'job', containerOverrides: { resourceRequirements }, ...this.share },
      }),
    )
    if (!outcome.ok) throw new Error(outcome.refusal.message)
    return outcome.value.jobId
  }

  async stateOf(jobId: string): Promise<string | undefined> {
    const target = parseJobId(jobId, salt)!
    const [view] = await this.waitFor(this.queues[target.queue - 1]!.get().rpc.describeJobs([target]))
    return view?.state
  }

  /** The calls that are made in so much time. */
  async pass(ms: number): Promise<string[]> {
    this.calls.length = 0
    const end = this.world.now() + ms
    let over = false
    this.world.at(ms, () => {
      over = true
    })
    await this.world.run(() => over || this.world.now() > end, 100_000)
    return this.calls
  }

  private async waitFor<Value>(promise: Promise<Value>): Promise<Value> {
    let settled = false
    promise.finally(() => {
      settled = true
    })
    while (!settled) await this.pass(10)
    return promise
  }

  /** Notes what is called. */
  private noting<Rpc extends object>(
    name: string,
    life: Life,
    target: SimObject<Rpc & { alarm(): void }>,
  ): Rpc {
    const stub = this.network.stub(life, () => target.get())
    return new Proxy(stub, {
      get: (_, method: string) => {
        if (method !== 'then') this.calls.push(`${name}.${method}`)
        return stub[method as keyof Rpc]
      },
    })
  }

  private buildQueue(config: QueueConfig): SimObject<Queue> {
    return simQueue(this.world, config, (life) => ({
      deployment,
      historyMs: 14 * 24 * hourMs,
      resolveDefinitions: async (refs) => refs.map(() => aDefinition()),
      consumables: {
        unknownResources: async () => [],
        openSession: async () => ({ session: 's', holders: [] }),
        acquire: () => Promise.reject(new Error('no job here consumes anything')),
        release: () => Promise.reject(new Error('no job here consumes anything')),
      },
      environment: () => this.noting('environment', life, this.environment),
    }))
  }

  private buildEnvironment(): SimObject<Environment> {
    const body = { type: 'UNMANAGED', state: 'ENABLED' } as const
    const config = { number: 1, name: 'only', uuid: 'u', createdAt: 0, body, leaseMs: 600_000 }
    return simEnvironment(this.world, config, this.configs, (life) => ({
      deployment,
      queue: (number) => this.noting(`queue${number}`, life, this.queues[number - 1]!),
    }))
  }
}

describe('a system in which jobs wait and nothing changes', () => {
  it.each<[string, Partial<QueueConfig>]>([
    ['plain', {}],
    ['strict', { schedulingSettings: { blockedHead: 'STRICT' } }],
    ['of shares', { schedulingPolicyArn: 'policy', fairsharePolicy: { computeReservation: 50 } }],
    ['preempting', { schedulingSettings: { preemption: ['LOWER_QUEUES', 'SHARES'] } }],
  ])('is quiet, where its queues are %s', async (_, members) => {
    const system = new WantingSystem(members)
    const running = await system.submit(1, 4)
    // By then the environment has asked for its configuration.
    await system.pass(1_000)
    system.connectHost()
    await system.pass(5_000)
    expect(await system.stateOf(running)).toBe('STARTING')
    // For want of room, and for want of such a host.
    for (const at of [0, 1]) for (const vcpus of [4, 64, 2]) await system.submit(at, vcpus)
    expect((await system.pass(hourMs)).length).toBeGreaterThan(0)
    expect(await system.pass(hourMs)).toEqual([])
  })
})
