import { limits } from '../core/limits.ts'
import { familiarImage } from '../core/model/image-reference.ts'
import type { DockerClient, ImageSummary } from './docker-client.ts'
import type { Logger } from './logger.ts'
import type { ImageList } from './ports.ts'

/** What a Docker engine has, by all names: of many what was used here, then the newest. */
export class DockerImageList implements ImageList {
  private readonly client: Pick<DockerClient, 'listImages'>
  private readonly log: Logger
  private names: readonly string[] = []

  constructor(client: Pick<DockerClient, 'listImages'>, log: Logger) {
    this.client = client
    this.log = log
  }

  current(): readonly string[] {
    return this.names
  }

  /** Asks the engine; resolves when it has answered, or failed to. */
  async refresh(): Promise<void> {
    try {
      const listed = namesOf(await this.client.listImages())
      const there = new Set(listed)
      this.become([...this.names.filter((name) => there.has(name)), ...listed])
    } catch (error) {
      this.log(`images of this host: ${(error as Error).message}`)
    }
  }

  /** The engine has it, or has pulled it just now. */
  used(image: string): void {
    const name = familiarImage(image)
    if (!this.names.includes(name)) this.become([name, ...this.names])
  }

  private become(names: string[]): void {
    const next = [...new Set(names)].filter(isTold).slice(0, limits.hostImages)
    const isSame = next.length === this.names.length && next.every((name, at) => name === this.names[at])
    if (!isSame) this.names = next
  }
}

function isTold(name: string): boolean {
  return name.length <= limits.imageReferenceLength
}

function namesOf(images: ImageSummary[]): string[] {
  return images
    .toSorted((a, b) => b.Created - a.Created)
    .flatMap(({ RepoTags, RepoDigests }) => [...(RepoTags ?? []), ...(RepoDigests ?? [])])
    .filter((name) => !name.includes('<none>'))
    .map(familiarImage)
}
