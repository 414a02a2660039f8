import type { EnvironmentConfig } from '../../src/core/model/environment.ts'
import type { QueueConfig } from '../../src/core/model/queue.ts'
import { Environment } from '../../src/objects/environment/environment.ts'
import type { EnvironmentPorts } from '../../src/objects/environment/environment-ports.ts'
import { Queue } from '../../src/objects/queue/queue.ts'
import type { QueuePorts } from '../../src/objects/queue/queue-ports.ts'
import { SimObject } from './sim-object.ts'
import type { Life, World } from './world.ts'

/** What a queue is told that the world does not say: whom it knows, and for how long it keeps what has ended. */
type QueuePeers = Pick<QueuePorts, 'deployment' | 'historyMs' | 'consumables' | 'environment'> & {
  resolveDefinitions: QueuePorts['registry']['resolveDefinitions']
}

/** A queue of the simulation. No job of it depends on one of another queue. */
export function simQueue(
  world: World,
  config: QueueConfig,
  peersOf: (life: Life) => QueuePeers,
): SimObject<Queue> {
  return new SimObject(world, ({ life, sql, alarm, armed }) => {
    const { resolveDefinitions, ...peers } = peersOf(life)
    const queue = new Queue({
      ...{ sql, clock: world, scheduler: life.scheduler, alarm, number: config.number },
      ...peers,
      registry: { resolveDefinitions, queueConfig: async () => config },
      queue: () => {
        throw new Error('no job depends on one of another queue')
      },
    })
    queue.resume(armed)
    return queue
  })
}

/** An environment of the simulation that these queues may ask. */
export function simEnvironment(
  world: World,
  config: EnvironmentConfig,
  configs: readonly QueueConfig[],
  peersOf: (life: Life) => Pick<EnvironmentPorts, 'deployment' | 'queue'>,
): SimObject<Environment> {
  return new SimObject(world, ({ life, sql, alarm, armed }) => {
    const queues = configs.map(({ number, name, priority }) => ({ number, name, priority }))
    const environment = new Environment({
      ...{ sql, clock: world, scheduler: life.scheduler, alarm, number: config.number },
      ...peersOf(life),
      random: { uuid: () => `session-${world.random()}` },
      registry: { environmentSetup: async () => ({ config, queues }) },
      logs: () => ({ append: async () => undefined }),
    })
    environment.resume([], armed)
    return environment
  })
}
