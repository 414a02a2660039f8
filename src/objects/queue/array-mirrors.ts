import { assert, present } from '../../core/assert.ts'
import { ArrayChildren } from '../../core/lifecycle/array-children.ts'
import type { Dependency, Job } from '../../core/model/job-record.ts'
import type { Progress } from '../../core/model/progress.ts'
import type { ChildStore } from './child-store.ts'
import type { DependencyStore } from './dependency-store.ts'
import { chunkSize } from './queue-schema.ts'

/** Decoded chunks kept in memory; one holds 128 children, some 30 KB. */
const cachedChunks = 128
/** What mirrors may take together, bytes, about: a few thousand arrays, or as many as are being worked on. */
const mirrorBytes = 16 * 1024 * 1024

export type Mirror = {
  children: ArrayChildren
  /** Arrays whose child i waits for child i of this one. */
  followers: number[]
  /** Other queues whose arrays do so. */
  followingQueues: number[]
  /** Children that somebody waits for singly. */
  awaited: Set<number>
  /** When a child last came to something, as far as memory knows. */
  updatedAt: number
  /** Its memory, bytes, as last counted, and whether it was of use since. */
  weight: number
  used: boolean
}

/**
 * Memory's picture of the arrays that are being worked on or looked at: their children's states, and the chunks in use
 * decoded. Everything in it can be read again from the store, and is after a failed commit, or where there was no room.
 */
export class ArrayMirrors {
  private readonly store: ChildStore
  private readonly dependencies: DependencyStore
  private readonly queue: () => number
  private readonly mirrors = new Map<number, Mirror>()
  /** Mirrors that the transaction under way may have changed. */
  private readonly pinned = new Set<number>()
  private readonly mostBytes: number
  private weight = 0
  private readonly chunks = new Map<string, Map<number, Progress>>()

  constructor(
    store: ChildStore,
    dependencies: DependencyStore,
    queue: () => number,
    mostBytes = mirrorBytes,
  ) {
    this.mostBytes = mostBytes
    this.store = store
    this.dependencies = dependencies
    this.queue = queue
  }

  known(seq: number): Mirror | undefined {
    const mirror = this.mirrors.get(seq)
    if (mirror) mirror.used = true
    return mirror
  }

  /** Keeps the mirror of an array until `unpin`: what is done to it is not in the store yet. */
  pin(seq: number): void {
    this.pinned.add(seq)
  }

  /** After a commit. */
  unpin(): void {
    for (const seq of this.pinned) this.weigh(seq)
    this.pinned.clear()
    this.makeRoom()
  }

  /**
   * Builds the picture of an array and keeps it while there is room. `inFlight`: indexes of children that are
   * placed and have no record.
   */
  build(job: Job, inFlight: Iterable<number>): Mirror {
    const shape = present(job.array, 'array shape')
    const children = new ArrayChildren({ ...shape }, job.unmet === 0)
    for (const [index, state] of this.store.childStates(job.seq)) children.set(index, state)
    for (const index of inFlight) if (!children.isTouched(index)) children.set(index, 'STARTING')
    const interest = this.dependencies.childInterest(this.queue(), job.seq)
    for (const index of this.dependencies.watchedChildren(job.seq)) interest.children.add(index)
    const { followers, children: awaited } = interest
    const updatedAt = job.progress.stoppedAt ?? job.createdAt
    const followingQueues = this.dependencies.followingQueues(job.seq)
    const mirror = { children, followers, followingQueues, awaited, updatedAt, weight: 0, used: true }
    this.mirrors.set(job.seq, mirror)
    this.weigh(job.seq)
    this.makeRoom()
    return mirror
  }

  /** A new edge to an array that is mirrored already. */
  noteEdge(edge: Dependency, queue: number): void {
    const mirror = edge.queue === queue ? this.mirrors.get(edge.seq) : undefined
    if (!mirror) return
    if (edge.kind === 'children' && !mirror.followers.includes(edge.waiter))
      mirror.followers.push(edge.waiter)
    this.noteAwaited(edge)
  }

  /** Somebody, here or in another queue, waits for a job; of a child its array's mirror takes note. */
  noteAwaited({ seq, index }: { seq: number; index?: number }): void {
    if (index !== undefined) this.mirrors.get(seq)?.awaited.add(index)
  }

  noteFollowingQueue(seq: number, queue: number): void {
    const queues = this.mirrors.get(seq)?.followingQueues
    if (queues && !queues.includes(queue)) queues.push(queue)
  }

  forget(seq: number): void {
    this.weight -= this.mirrors.get(seq)?.weight ?? 0
    this.mirrors.delete(seq)
  }

  /** After a failed commit. */
  clear(): void {
    this.mirrors.clear()
    this.pinned.clear()
    this.weight = 0
    this.chunks.clear()
  }

  /** What is kept of one child of an array, or of one node of a multi-node parallel job. */
  record(seq: number, index: number): Progress | undefined {
    return this.chunk(seq, Math.floor(index / chunkSize)).get(index)
  }

  /** Writes the changed children or nodes of one job, chunk by chunk. Part of a transaction. */
  saveRecords(seq: number, changed: Map<number, Progress>): void {
    const touched = new Set<number>()
    for (const [index, progress] of changed) {
      const chunk = Math.floor(index / chunkSize)
      this.chunk(seq, chunk).set(index, progress)
      touched.add(chunk)
    }
    for (const chunk of touched) this.store.saveChunk(seq, chunk, this.chunk(seq, chunk))
  }

  private weigh(seq: number): void {
    const mirror = this.mirrors.get(seq)
    if (!mirror) return
    const { children, awaited } = mirror
    const weight = children.bytes + 40 * awaited.size
    this.weight += weight - mirror.weight
    mirror.weight = weight
  }

  /** Lets go of those that have been of no use for longest, by second chance. */
  private makeRoom(): void {
    for (const [seq, mirror] of this.mirrors) {
      if (this.weight <= this.mostBytes) return
      if (this.pinned.has(seq)) continue
      if (mirror.used) {
        mirror.used = false
        this.mirrors.delete(seq)
        this.mirrors.set(seq, mirror)
      } else this.forget(seq)
    }
  }

  private chunk(seq: number, chunk: number): Map<number, Progress> {
    const key = `${seq}/${chunk}`
    let children = this.chunks.get(key)
    if (children) this.chunks.delete(key)
    else children = this.store.loadChunk(seq, chunk)
    this.chunks.set(key, children)
    if (this.chunks.size > cachedChunks) {
      const oldest = this.chunks.keys().next().value
      assert(oldest !== undefined, 'no chunk to drop')
      this.chunks.delete(oldest)
    }
    return children
  }
}
