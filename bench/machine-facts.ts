import { execFileSync } from 'node:child_process'
import { statfsSync } from 'node:fs'
import { arch, availableParallelism, cpus, loadavg, platform, release, tmpdir, totalmem } from 'node:os'

/** The magic numbers of statfs(2). */
const fileSystems: Record<number, string> = {
  16914836: 'tmpfs',
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  2035054128: 'overlay',
}

/** What the figures depend on. */
export type MachineFacts = {
  date: string
  commit: string
  cpu: string
  memoryGiB: number
  system: string
  node: string
  /** Where the servers keep their data. */
  data: string
  /** Runnable processes, averaged over a minute, before anything was measured: other work makes figures worse. */
  loadBefore: number
}

/** The facts as they are now. */
export function machineFacts(): MachineFacts {
  const type = statfsSync(tmpdir()).type
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    commit: commitOf(),
    cpu: `${availableParallelism()} x ${cpus()[0]?.model ?? arch()}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    data: `${tmpdir()} (${fileSystems[type] ?? `file system ${type.toString(16)}`})`,
    loadBefore: loadavg()[0]!,
  }
}

function commitOf(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { encoding: 'utf8', cwd: import.meta.dirname })
    const changed = git('status', '--porcelain', '--', '../src', '../adapters') ? ' and changes' : ''
    return git('rev-parse', '--short', 'HEAD').trim() + changed
  } catch {
    return 'unknown'
  }
}
