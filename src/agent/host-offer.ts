import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { availableParallelism, hostname, networkInterfaces, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { HostOffer } from '../core/model/environment.ts'
import { wholeCard } from '../core/model/resources.ts'
import { cgroupOf } from './cgroup-paths.ts'

const mebibyte = 1024 * 1024
const gpuQueryMs = 20_000

export type Capacity = { cpuMilli: number; memoryMiB: number }
/** `model`: what NVIDIA calls it, such as `Tesla T4`. */
export type Gpu = { id: string; model: string }
export type OfferOverrides = { vcpus?: number; memoryMiB?: number; labels: Record<string, string> }

/** What the host offers; `found` is its capacity, `gpus` its cards, `diskMiB` what jobs may fill. Throws on a processor no job can ask for. */
export function describeHost(
  runtime: 'docker' | 'process',
  found: Capacity,
  gpus: Gpu[],
  diskMiB: number,
  overrides: OfferOverrides,
): HostOffer {
  const address = primaryIpv4(networkInterfaces())
  return {
    resources: {
      cpuMilli: overrides.vcpus === undefined ? found.cpuMilli : Math.round(overrides.vcpus * 1000),
      memoryMiB: overrides.memoryMiB ?? found.memoryMiB,
      gpuMilli: gpus.length * wholeCard,
      diskMiB,
    },
    architecture: architecture(),
    labels: overrides.labels,
    runtime,
    hostname: hostname().slice(0, 255),
    ...modelOf(gpus),
    ...(address === undefined ? {} : { privateIpv4Address: address }),
  }
}

/** CPUs and memory that processes of this agent may use: the machine's, or less in a container. */
export function localCapacity(): Capacity {
  const limit = cgroupCapacity()
  return {
    cpuMilli: Math.min(availableParallelism() * 1000, limit.cpuMilli),
    memoryMiB: Math.floor(Math.min(totalmem() / mebibyte, limit.memoryMiB)),
  }
}

/** What the cgroups of this process allow, Infinity where they set no limit. `root` stands for `/` of another machine. */
export function cgroupCapacity(root = '/'): Capacity {
  return { cpuMilli: cpuLimit(root), memoryMiB: memoryLimit(root) / mebibyte }
}

/** NVIDIA's GPUs in their order; none where there is no working `nvidia-smi`. */
export async function findGpus(): Promise<Gpu[]> {
  try {
    const args = ['--query-gpu=uuid,name', '--format=csv,noheader']
    const { stdout } = await promisify(execFile)('nvidia-smi', args, { timeout: gpuQueryMs })
    return stdout
      .split('\n')
      .map((line) => line.split(',').map((cell) => cell.trim()))
      .flatMap(([id = '', model = '']) => (id.startsWith('GPU-') ? [{ id, model }] : []))
  } catch {
    return []
  }
}

/** What is free where a folder is, MiB. */
export async function freeDiskMiB(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path)
  return Math.floor((bavail * bsize) / mebibyte)
}

function modelOf(gpus: Gpu[]): Pick<HostOffer, 'gpuModel'> {
  const [gpuModel, ...others] = new Set(gpus.map(({ model }) => model))
  return gpuModel && others.length === 0 ? { gpuModel } : {}
}

function architecture(): HostOffer['architecture'] {
  if (process.arch === 'x64') return 'X86_64'
  if (process.arch === 'arm64') return 'ARM64'
  throw new Error(`no job can ask for a processor of the kind ${process.arch}`)
}

function cpuLimit(root: string): number {
  return tightest('cpu', root, (path, version) => {
    const [quota, period] =
      version === 2
        ? (read(path, 'cpu.max')?.split(' ') ?? [])
        : [read(path, 'cpu.cfs_quota_us'), read(path, 'cpu.cfs_period_us')]
    const cpus = Number(quota) / Number(period)
    return cpus > 0 ? Math.floor(cpus * 1000) : undefined
  })
}

function memoryLimit(root: string): number {
  return tightest('memory', root, (path, version) => {
    const bytes = Number(read(path, version === 2 ? 'memory.max' : 'memory.limit_in_bytes'))
    return bytes > 0 ? bytes : undefined
  })
}

/** The least that any group from this process's own up to the mount sets. */
function tightest(
  controller: string,
  root: string,
  limitAt: (path: string, version: 1 | 2) => number | undefined,
): number {
  const own = cgroupOf(controller, root)
  let least = Number.POSITIVE_INFINITY
  if (!own) return least
  for (let path = own.path; path.startsWith(own.mount); path = dirname(path)) {
    least = Math.min(least, limitAt(path, own.version) ?? least)
  }
  return least
}

function read(path: string, file: string): string | undefined {
  try {
    return readFileSync(join(path, file), 'utf8').trim()
  } catch {
    return undefined
  }
}

/** Bridges that container engines and hypervisors make: nobody outside reaches them. */
const bridges = /^(docker|br-|virbr|veth|cni|podman|lxc)/

/**
 * Where jobs on other hosts find jobs on this one. A machine without a network of its own has only peers at home;
 * undefined where there is IPv6 alone.
 */
export function primaryIpv4(
  interfaces: Record<string, { family: string; internal: boolean; address: string }[] | undefined>,
): string | undefined {
  const all = Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? []).map((address) => ({ ...address, isBridge: bridges.test(name) })),
  )
  const ipv4 = all.filter(({ family }) => family === 'IPv4')
  const outer = ipv4.filter(({ internal }) => !internal)
  if (outer.length > 0) return (outer.find(({ isBridge }) => !isBridge) ?? outer[0]!).address
  return all.every(({ internal }) => internal) ? ipv4[0]?.address : undefined
}
