import { type DockerClient, DockerError } from './docker-client.ts'
import { type ContainerOptions, containerLabel, containerName, instanceLabel } from './docker-container.ts'
import { pauseArchive, pauseCommand, pauseImage } from './docker-pause-image.ts'

/**
 * The networks that the containers of one attempt share, so that they reach each other on localhost. Each belongs to a
 * container that does nothing (as in Amazon ECS): it is there before all others and stays when any of them ends.
 */
export class SharedNetworks {
  private readonly client: DockerClient
  private readonly options: ContainerOptions
  private readonly opening = new Map<string, Promise<void>>()

  constructor(client: DockerClient, options: ContainerOptions) {
    this.client = client
    this.options = options
  }

  /** The `NetworkMode` of an attempt's containers; made for the first one that asks. Throws what the engine says. */
  async join(attemptId: string): Promise<string> {
    const { network } = this.options
    // All containers share these anyway.
    if (network === 'host' || network.startsWith('container:')) return network
    const under = this.opening.get(attemptId) ?? this.open(attemptId)
    this.opening.set(attemptId, under)
    await under.finally(() => this.opening.delete(attemptId))
    return `container:${pauseName(attemptId)}`
  }

  async remove(attemptId: string): Promise<void> {
    await this.client.removeContainer(pauseName(attemptId))
  }

  private async open(attemptId: string): Promise<void> {
    const name = pauseName(attemptId)
    try {
      await this.create(name)
    } catch (error) {
      // It is there already.
      if (!(error instanceof DockerError && error.status === 409)) throw error
    }
    await this.client.startContainer(name)
  }

  private async create(name: string): Promise<void> {
    const { network, instanceId } = this.options
    if (!(await this.client.hasImage(pauseImage))) await this.importImage()
    await this.client.createContainer(name, {
      Image: pauseImage,
      Cmd: pauseCommand,
      Labels: { [containerLabel]: name, [instanceLabel]: instanceId },
      HostConfig: { NetworkMode: network },
    })
  }

  private async importImage(): Promise<void> {
    const { Architecture } = await this.client.info()
    const archive = pauseArchive(Architecture)
    if (!archive) throw new Error(`containers cannot share a network on ${Architecture}`)
    await this.client.importImage(pauseImage, archive)
  }
}

function pauseName(attemptId: string): string {
  return `${containerName(attemptId)}-pause`
}
