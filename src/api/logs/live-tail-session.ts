import type { TailUpdate } from '../../objects/logs/logs-rpc.ts'
import { type EventMessage, encodeEventMessage } from './event-stream.ts'

/** CloudWatch Logs says something each second, also when there is nothing to say. */
const updateEveryMs = 1000
/** Seconds for which the stores may be out of reach: they may be starting anew. */
const failuresMost = 10

export type LiveTailSession = {
  /** What is said first. */
  start: object
  /** What has come since it was asked before. */
  listen(): Promise<TailUpdate>
  /** How an update is said. */
  show(update: TailUpdate): object
  /** Epoch ms. */
  endsAt: number
}

/**
 * The answer to StartLiveTail: an update each second until the client leaves, time is up, or the stores stay away.
 * A client that reads too slowly misses lines: nothing is asked for before it has read.
 */
export function liveTailBody({ start, listen, show, endsAt }: LiveTailSession): ReadableStream<Uint8Array> {
  let saidAt = 0
  let failures = 0
  const say = (controller: ReadableByteStreamController, message: EventMessage) => {
    controller.enqueue(encodeEventMessage(message))
    saidAt = Date.now()
  }
  const next = async (): Promise<EventMessage> => {
    for (;;) {
      const waitMs = Math.max(0, saidAt + (1 + failures) * updateEveryMs - Date.now())
      await new Promise((resolve) => setTimeout(resolve, waitMs))
      if (Date.now() >= endsAt) return timedOut
      try {
        const update = await listen()
        failures = 0
        return { event: 'sessionUpdate', payload: show(update) }
      } catch (error) {
        if (++failures < failuresMost) continue
        console.error('a live tail was cut off:', error)
        return streamingFailed
      }
    }
  }
  return new ReadableStream({
    type: 'bytes',
    start: (controller) => {
      say(controller, { event: 'initial-response', payload: {} })
      say(controller, { event: 'sessionStart', payload: start })
    },
    pull: async (controller) => {
      const message = await next()
      say(controller, message)
      if ('exception' in message) controller.close()
    },
  })
}

const streamingFailed: EventMessage = {
  exception: 'SessionStreamingException',
  payload: { message: 'An unknown error occurred during the Live Tail session.' },
}
const timedOut: EventMessage = {
  exception: 'SessionTimeoutException',
  payload: { message: 'The Live Tail session has been open for three hours.' },
}
