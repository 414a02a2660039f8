/** A peer's WebSocket as an object sees it. Neither method throws when the socket is gone. */
export type PeerSocket = {
  send(text: string): void
  close(code: number, reason: string): void
  /** When the platform last answered the peer's heartbeat on its own, before the first when the peer was named; epoch ms. */
  lastPongAt(): number | undefined
  /** Who the peer said it is; kept with the socket while the object sleeps. */
  peer(): string | undefined
  setPeer(peer: string): void
}
