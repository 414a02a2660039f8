import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type CgroupPath = { version: 1 | 2; path: string; mount: string }

/**
 * Where this process stands in the hierarchy of a controller (cgroups(7)), or undefined where there is none. In a
 * container the path that the kernel tells may lie outside of what is mounted; then the mount itself is the place.
 * `root` stands for `/` of another machine.
 */
export function cgroupOf(controller: string, root = '/'): CgroupPath | undefined {
  let listing: string
  try {
    listing = readFileSync(join(root, 'proc/self/cgroup'), 'utf8')
  } catch {
    return undefined
  }
  const mounts = join(root, 'sys/fs/cgroup')
  for (const line of listing.split('\n')) {
    const [id, controllers, path] = line.split(':')
    if (path === undefined) continue
    if (controllers!.split(',').includes(controller)) {
      return at(1, path, [join(mounts, controllers!), join(mounts, controller)])
    }
    if (id === '0' && existsSync(join(mounts, 'cgroup.controllers'))) {
      const offered = readFileSync(join(mounts, 'cgroup.controllers'), 'utf8').trim().split(' ')
      if (offered.includes(controller)) return at(2, path, [mounts])
    }
  }
  return undefined
}

function at(version: 1 | 2, path: string, mounts: string[]): CgroupPath | undefined {
  const mount = mounts.find((candidate) => existsSync(candidate))
  if (!mount) return undefined
  const own = join(mount, path)
  return { version, mount, path: existsSync(own) ? own : mount }
}
