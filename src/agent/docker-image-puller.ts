import type { DockerClient } from './docker-client.ts'
import type { DockerImageList } from './docker-image-list.ts'
import type { Logger } from './logger.ts'

const progressMs = 10_000

/** Provides images: those the engine has as they are, others pulled once however many attempts wait for them. */
export class ImagePuller {
  private readonly client: DockerClient
  private readonly images: DockerImageList
  private readonly log: Logger
  private readonly pulls = new Map<string, Promise<void>>()

  constructor(client: DockerClient, images: DockerImageList, log: Logger) {
    this.client = client
    this.images = images
    this.log = log
  }

  /** True once the engine has the image; false when `signal` came first, and the pull goes on for others. */
  async provide(image: string, signal: AbortSignal): Promise<boolean> {
    if (await this.client.hasImage(image)) {
      this.images.used(image)
      return !signal.aborted
    }
    const pull = this.pulls.get(image) ?? this.pull(image)
    return Promise.race([pull.then(() => true), whenAborted(signal)])
  }

  private pull(image: string): Promise<void> {
    const pull = this.pullAloud(image).finally(() => this.pulls.delete(image))
    pull.catch(() => {})
    this.pulls.set(image, pull)
    return pull
  }

  private async pullAloud(image: string): Promise<void> {
    const began = performance.now()
    const layers = new Map<string, boolean>()
    let toldAt = began
    this.log(`pulling image ${image}`)
    await this.client.pullImage(image, ({ id, status }) => {
      if (id && status) layers.set(id, status === 'Pull complete' || status === 'Already exists')
      if (performance.now() - toldAt < progressMs) return
      toldAt = performance.now()
      const done = [...layers.values()].filter(Boolean).length
      this.log(`pulling image ${image}: ${done} of ${layers.size} layers`)
    })
    this.images.used(image)
    this.log(`pulled image ${image} in ${Math.round((performance.now() - began) / 1000)} s`)
  }
}

function whenAborted(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(false)
    else signal.addEventListener('abort', () => resolve(false), { once: true })
  })
}
