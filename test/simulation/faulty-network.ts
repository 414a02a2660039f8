import type { AgentMessage, EnvironmentMessage } from '../../src/protocol/agent-protocol.ts'
import type { PeerSocket } from '../../src/runtime/sockets.ts'
import type { Life, World } from './world.ts'

export type Faults = {
  /** Chance that a call between objects fails before, or after, it took effect. */
  callFails: number
  /** Longest time a message is under way, ms. */
  delayMs: number
}

/** Calls between objects: delayed, sometimes failing without telling whether they took effect. */
export class FaultyNetwork {
  private readonly world: World
  readonly faults: Faults

  constructor(world: World, faults: Faults) {
    this.world = world
    this.faults = faults
  }

  /** A stub of what `target` returns at the time of each call, as `caller` sees it. */
  stub<Rpc extends object>(caller: Life, target: () => { life: Life; rpc: Rpc }): Rpc {
    return new Proxy({} as Rpc, {
      get: (_, method) =>
        method === 'then'
          ? undefined
          : (...parameters: unknown[]) => this.call(caller, target, method as keyof Rpc, parameters),
    })
  }

  private call<Rpc extends object>(
    caller: Life,
    target: () => { life: Life; rpc: Rpc },
    method: keyof Rpc,
    parameters: unknown[],
  ): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const answer = (settle: () => void) =>
      this.world.at(this.delay(), () => {
        if (caller.alive) settle()
      })
    const sent = structuredClone(parameters)
    this.world.at(this.delay(), () => {
      if (this.world.chance(this.faults.callFails)) return answer(() => reject(new Error('request lost')))
      const { life, rpc } = target()
      const unwatch = life.onDeath(() => answer(() => reject(new Error('the object died'))))
      const replyLost = this.world.chance(this.faults.callFails)
      const work = (rpc[method] as (...p: unknown[]) => Promise<unknown>).apply(rpc, sent)
      work.then(
        (value) => {
          if (!life.alive) return
          unwatch()
          answer(() => (replyLost ? reject(new Error('reply lost')) : resolve(structuredClone(value))))
        },
        (error) => {
          if (!life.alive) return
          unwatch()
          answer(() => reject(error))
        },
      )
    })
    // A caller that has died does not look at its calls any more.
    promise.catch(() => undefined)
    return promise
  }

  delay(): number {
    return this.world.between(0, this.faults.delayMs)
  }
}

/** One WebSocket: in order in each direction, until it is cut; what is under way then is lost. */
export class SimSocket {
  private readonly world: World
  private readonly network: FaultyNetwork
  private readonly last = { up: 0, down: 0 }
  private pongAt: number | undefined
  private name: string | undefined
  open = true
  toAgent: (message: EnvironmentMessage) => void = () => undefined
  toEnvironment: (socket: PeerSocket, text: string) => void = () => undefined
  agentClosed: () => void = () => undefined
  environmentClosed: (socket: PeerSocket) => void = () => undefined

  constructor(world: World, network: FaultyNetwork) {
    this.world = world
    this.network = network
  }

  readonly peer: PeerSocket = {
    send: (text) => this.carry('down', () => this.toAgent(JSON.parse(text))),
    close: () => this.cut(true),
    lastPongAt: () => this.pongAt,
    peer: () => this.name,
    setPeer: (name) => {
      this.name = name
    },
  }

  fromAgent(message: AgentMessage): void {
    const text = JSON.stringify(message)
    this.carry('up', () => this.toEnvironment(this.peer, text))
  }

  /** The platform answers by itself. */
  ping(answered: () => void): void {
    this.carry('up', () => {
      this.pongAt = this.world.now()
      this.carry('down', answered)
    })
  }

  /** Both sides hear of it after a while; the environment perhaps never (its process has died). */
  cut(environmentHears: boolean): void {
    if (!this.open) return
    this.open = false
    this.world.at(this.network.delay(), () => this.agentClosed())
    if (environmentHears) this.world.at(this.network.delay(), () => this.environmentClosed(this.peer))
  }

  private carry(direction: 'up' | 'down', arrive: () => void): void {
    const at = Math.max(this.last[direction], this.world.now() + this.network.delay())
    this.last[direction] = at
    this.world.at(at - this.world.now(), () => {
      if (this.open) arrive()
    })
  }
}
