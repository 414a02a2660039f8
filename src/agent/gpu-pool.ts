/** The host's GPUs, each given to one attempt at a time. */
export class GpuPool {
  private readonly free: Set<string>

  constructor(gpus: string[]) {
    this.free = new Set(gpus)
  }

  /** `count` GPUs, or undefined when so many are not free. */
  take(count: number): string[] | undefined {
    if (count > this.free.size) return undefined
    const taken = [...this.free].slice(0, count)
    this.claim(taken)
    return taken
  }

  /** Marks GPUs as taken that an attempt already has. */
  claim(gpus: string[]): void {
    for (const gpu of gpus) this.free.delete(gpu)
  }

  release(gpus: string[]): void {
    for (const gpu of gpus) this.free.add(gpu)
  }
}
