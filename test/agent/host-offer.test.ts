import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  cgroupCapacity,
  describeHost,
  findGpus,
  freeDiskMiB,
  localCapacity,
  primaryIpv4,
} from '../../src/agent/host-offer.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** A machine's root with these files. */
function aRoot(files: Record<string, string>): string {
  const root = temporaryDirectory()
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

const unlimited = { cpuMilli: Number.POSITIVE_INFINITY, memoryMiB: Number.POSITIVE_INFINITY }

describe('cgroupCapacity', () => {
  it('finds no limit where there are no cgroups', () => {
    expect(cgroupCapacity(aRoot({}))).toEqual(unlimited)
  })

  it('reads version 2, the tightest limit on the way to the root', () => {
    const root = aRoot({
      'proc/self/cgroup': '0::/kubepods/pod1/box\n',
      'sys/fs/cgroup/cgroup.controllers': 'cpu memory pids\n',
      'sys/fs/cgroup/kubepods/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/kubepods/pod1/cpu.max': '150000 100000\n',
      'sys/fs/cgroup/kubepods/pod1/memory.max': '536870912\n',
      'sys/fs/cgroup/kubepods/pod1/box/memory.max': 'max\n',
    })
    expect(cgroupCapacity(root)).toEqual({ cpuMilli: 1500, memoryMiB: 512 })
  })

  it('reads version 1, also where the path the kernel tells is not mounted', () => {
    const root = aRoot({
      'proc/self/cgroup': '5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/\n',
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '250000\n',
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '1073741824\n',
    })
    expect(cgroupCapacity(root)).toEqual({ cpuMilli: 2500, memoryMiB: 1024 })
  })

  it('takes -1 of version 1 as no limit', () => {
    const root = aRoot({
      'proc/self/cgroup': '5:cpu:/\n',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    })
    expect(cgroupCapacity(root)).toEqual(unlimited)
  })
})

describe('describeHost', () => {
  it('offers what it found', () => {
    const found = localCapacity()
    expect(found.cpuMilli).toBeGreaterThan(0)
    expect(found.memoryMiB).toBeGreaterThan(0)
    const offer = describeHost(
      'process',
      found,
      [
        { id: 'GPU-1', model: 'Tesla T4' },
        { id: 'GPU-2', model: 'Tesla T4' },
      ],
      500,
      { labels: { rack: '7' } },
    )
    expect(offer.resources).toEqual({ ...found, gpuMilli: 2_000, diskMiB: 500 })
    expect(offer).toMatchObject({ runtime: 'process', gpuModel: 'Tesla T4', labels: { rack: '7' } })
  })

  it('offers what it is told instead', () => {
    const overrides = { vcpus: 64, memoryMiB: 1000, labels: {} }
    const offer = describeHost('docker', { cpuMilli: 2000, memoryMiB: 2000 }, [], 0, overrides)
    expect(offer.resources).toEqual({ cpuMilli: 64_000, memoryMiB: 1000, gpuMilli: 0, diskMiB: 0 })
  })
})

describe('primaryIpv4', () => {
  const at = (address: string, members = {}) => [{ family: 'IPv4', internal: false, address, ...members }]
  const lo = at('127.0.0.1', { internal: true })

  it.each([
    [
      'the first address that is not the loopback',
      { lo, eth0: at('10.0.0.5'), eth1: at('10.0.0.6') },
      '10.0.0.5',
    ],
    [
      'no bridge of a container engine while there is another',
      { docker0: at('172.17.0.1'), ens5: at('10.0.0.5') },
      '10.0.0.5',
    ],
    ['a bridge where there is nothing else', { lo, docker0: at('172.17.0.1') }, '172.17.0.1'],
    ['the loopback of a machine without a network', { lo }, '127.0.0.1'],
    ['nothing where there is IPv6 alone', { lo, eth0: at('fd00::2', { family: 'IPv6' }) }, undefined],
  ])('is %s', (_, interfaces, address) => {
    expect(primaryIpv4(interfaces)).toBe(address)
  })
})

describe('findGpus', () => {
  const path = process.env.PATH
  afterEach(() => {
    process.env.PATH = path
  })

  function aMachineWith(nvidiaSmi: string): void {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'nvidia-smi'), `#!/bin/sh\n${nvidiaSmi}\n`, { mode: 0o755 })
    process.env.PATH = `${directory}:${path}`
  }

  it('lists the cards that nvidia-smi names, in their order', async () => {
    aMachineWith(`[ "$1" = --query-gpu=uuid,name ] && printf 'GPU-b, Tesla T4\\nGPU-a, NVIDIA A10G\\n'`)
    const gpus = [
      { id: 'GPU-b', model: 'Tesla T4' },
      { id: 'GPU-a', model: 'NVIDIA A10G' },
    ]
    expect(await findGpus()).toEqual(gpus)
    const found = { cpuMilli: 1_000, memoryMiB: 1_000 }
    expect(describeHost('process', found, gpus, 0, { labels: {} })).not.toHaveProperty('gpuModel')
  })

  it('finds none where nvidia-smi fails', async () => {
    aMachineWith('echo NVIDIA-SMI has failed; exit 9')
    expect(await findGpus()).toEqual([])
  })
})

describe('freeDiskMiB', () => {
  it('is what the file system of a folder has left', async () => {
    expect(await freeDiskMiB(temporaryDirectory())).toBeGreaterThan(0)
  })
})
