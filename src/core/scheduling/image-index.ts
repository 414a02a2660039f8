/** Names that are kept, all hosts together; what would be one more is not known to be anywhere. */
const keptNames = 20_000

const nobody: ReadonlySet<number> = new Set()

type Image = { name: string; hosts: Set<number> }

/** Which hosts have which images, by the hosts' indexes: each name is kept once, however many hosts have it. */
export class ImageIndex {
  private readonly images = new Map<string, Image>()
  private readonly byHost = new Map<number, Image[]>()

  /** What a host has now, instead of what it had. */
  set(host: number, names: readonly string[]): void {
    const before = this.byHost.get(host) ?? []
    this.byHost.delete(host)
    for (const { hosts } of before) hosts.delete(host)
    const images = names.flatMap((name) => this.known(name) ?? [])
    for (const { hosts } of images) hosts.add(host)
    if (images.length > 0) this.byHost.set(host, images)
    for (const { name, hosts } of before) if (hosts.size === 0) this.images.delete(name)
  }

  /** How many of the images a host has. */
  count(host: number, names: readonly string[]): number {
    let count = 0
    for (const name of names) if (this.images.get(name)?.hosts.has(host)) count++
    return count
  }

  /** The hosts that have one image. */
  holders(name: string): ReadonlySet<number> {
    return this.images.get(name)?.hosts ?? nobody
  }

  private known(name: string): Image | undefined {
    let image = this.images.get(name)
    if (image || this.images.size >= keptNames) return image
    image = { name, hosts: new Set() }
    this.images.set(name, image)
    return image
  }
}
