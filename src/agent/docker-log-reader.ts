import { statSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import type { DockerClient } from './docker-client.ts'

const headerLength = 8
const newline = 10

/**
 * Turns the engine's log stream (frames of a stream type, a length and `timestamp SP data`, Engine API
 * "ContainerAttach") into lines that begin with epoch ms in 13 digits and a space. A line that the engine keeps in
 * pieces of 16 KiB becomes one again. The same log always gives the same bytes.
 */
export class StampedLines {
  private rest: Buffer = Buffer.alloc(0)
  /** The stream whose line is not finished. */
  private openStream = 0

  push(chunk: Buffer): Buffer {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    const parts: Buffer[] = []
    while (this.rest.length >= headerLength) {
      const end = headerLength + this.rest.readUInt32BE(4)
      if (this.rest.length < end) break
      this.addFrame(parts, this.rest[0]!, this.rest.subarray(headerLength, end))
      this.rest = this.rest.subarray(end)
    }
    return Buffer.concat(parts)
  }

  private addFrame(parts: Buffer[], stream: number, payload: Buffer): void {
    const space = payload.indexOf(32)
    const data = payload.subarray(space + 1)
    if (this.openStream !== 0 && this.openStream !== stream) parts.push(Buffer.from('\n'))
    if (this.openStream !== stream) {
      const at = Date.parse(payload.toString('latin1', 0, space))
      parts.push(Buffer.from(`${String(at).padStart(13, '0')} `))
    }
    parts.push(data)
    this.openStream = data.at(-1) === newline ? 0 : stream
  }
}

/**
 * Copies a container's log to a file: what there is of it, or with `follow` what comes until the container ends or the
 * signal says so. What the file already has is not written again: the log is read from its beginning and as many bytes
 * are left out.
 */
export async function copyContainerLog(
  client: DockerClient,
  containerId: string,
  output: string,
  options: { follow?: AbortSignal },
): Promise<void> {
  let skip = statSync(output, { throwIfNoEntry: false })?.size ?? 0
  const lines = new StampedLines()
  for await (const chunk of await client.containerLogs(containerId, options)) {
    const bytes = lines.push(chunk as Buffer)
    if (bytes.length > skip) await appendFile(output, bytes.subarray(skip), { mode: 0o600 })
    skip = Math.max(0, skip - bytes.length)
  }
}
