import type { PeerSocket } from './sockets.ts'

/** PeerSocket over a hibernating WebSocket: what must survive sleep is in the socket's attachment. */
export function durableSocket(state: DurableObjectState, socket: WebSocket): PeerSocket {
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
    lastPongAt: () => state.getWebSocketAutoResponseTimestamp(socket)?.getTime(),
    peer: () => (socket.deserializeAttachment() as { peer?: string } | null)?.peer,
    setPeer: (peer) => socket.serializeAttachment({ peer }),
  }
}
