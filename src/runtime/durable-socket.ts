import type { PeerSocket } from './sockets.ts'

type Attachment = { peer: string; since: number }

/** PeerSocket over a hibernating WebSocket: what must survive sleep is in the socket's attachment. */
export function durableSocket(state: DurableObjectState, socket: WebSocket): PeerSocket {
  const attachment = () => socket.deserializeAttachment() as Attachment | null
  return {
    send(text) {
      try {
        socket.send(text)
      } catch {
        // Closed meanwhile: the close event says so to whom it concerns.
      }
    },
    close(code, reason) {
      try {
        socket.close(code, reason.slice(0, 120))
      } catch {
        // Closed already.
      }
    },
    lastPongAt: () => state.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? attachment()?.since,
    peer: () => attachment()?.peer,
    setPeer: (peer) => socket.serializeAttachment({ peer, since: Date.now() } satisfies Attachment),
  }
}
