import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CgroupPath, cgroupOf } from './cgroup-paths.ts'

const mebibyte = 1024 * 1024

/** Memory limits for processes, where the kernel and the agent's rights allow cgroups (version 1 or 2) to be made. */
export class MemoryCgroups {
  private readonly version: 1 | 2
  private readonly path: string

  /** Tries it out; undefined where no memory limit can be set. `instanceId` keeps agents apart. */
  static detect(instanceId: string): MemoryCgroups | undefined {
    const own = cgroupOf('memory')
    if (!own) return undefined
    try {
      if (own.version === 2) delegate(own)
      const cgroups = new MemoryCgroups(own.version, join(own.path, `longshore-${instanceId.slice(0, 12)}`))
      mkdirSync(cgroups.path, { recursive: true })
      if (own.version === 2) writeFileSync(join(cgroups.path, 'cgroup.subtree_control'), '+memory')
      cgroups.create('trial', 64)
      cgroups.remove('trial')
      return cgroups
    } catch {
      return undefined
    }
  }

  private constructor(version: 1 | 2, path: string) {
    this.version = version
    this.path = path
  }

  /** Makes a group with a hard limit; the path of the file to which a process writes `0` to join it. */
  create(attemptId: string, memoryMiB: number): string {
    const path = join(this.path, attemptId)
    mkdirSync(path, { recursive: true })
    const limit = this.version === 1 ? 'memory.limit_in_bytes' : 'memory.max'
    writeFileSync(join(path, limit), String(memoryMiB * mebibyte))
    // Both take a process of one thread. `tasks` does so at once; the other, all there is in version 2, has the kernel
    // wait until no process is being forked anywhere: on an idle machine some 10 ms.
    return join(path, this.version === 1 ? 'tasks' : 'cgroup.procs')
  }

  /** Whether the kernel has killed a process of the group for its memory. */
  wasKilled(attemptId: string): boolean {
    const file = this.version === 1 ? 'memory.oom_control' : 'memory.events'
    try {
      const text = readFileSync(join(this.path, attemptId, file), 'utf8')
      return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0) > 0
    } catch {
      return false
    }
  }

  /** Kills whatever is left in the group. */
  kill(attemptId: string): void {
    try {
      const pids = readFileSync(join(this.path, attemptId, 'cgroup.procs'), 'utf8')
        .split('\n')
        .filter(Boolean)
      for (const pid of pids) process.kill(Number(pid), 'SIGKILL')
    } catch {}
  }

  /** Removes the group; one that is not there, or still has dying processes, is left to `removeOthers`. */
  remove(attemptId: string): void {
    try {
      rmdirSync(join(this.path, attemptId))
    } catch {}
  }

  /** Removes the parent of all, where no attempt has a group any more. */
  close(): void {
    try {
      rmdirSync(this.path)
    } catch {}
  }

  /** Removes groups that earlier attempts left behind. */
  removeOthers(attemptIds: Set<string>): void {
    for (const entry of readdirSync(this.path, { withFileTypes: true })) {
      if (entry.isDirectory() && !attemptIds.has(entry.name)) this.remove(entry.name)
    }
  }
}

/**
 * Version 2 gives limits only to the children of a group without processes of its own: the agent moves to a leaf, if it
 * is alone in its group (as under systemd with `Delegate=yes`).
 */
function delegate(own: CgroupPath): void {
  const enabled = readFileSync(join(own.path, 'cgroup.subtree_control'), 'utf8').trim().split(' ')
  if (enabled.includes('memory')) return
  const pids = readFileSync(join(own.path, 'cgroup.procs'), 'utf8').trim().split('\n')
  if (pids.some((pid) => Number(pid) !== process.pid)) throw new Error('the group has other processes')
  const leaf = join(own.path, 'agent')
  mkdirSync(leaf, { recursive: true })
  writeFileSync(join(leaf, 'cgroup.procs'), String(process.pid))
  writeFileSync(join(own.path, 'cgroup.subtree_control'), '+memory')
}
