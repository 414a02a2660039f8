import { describe, expect, it } from 'vitest'
import { AttemptDirectory } from '../../src/agent/attempt-directory.ts'
import { containerBody } from '../../src/agent/docker-container.ts'
import { anAttempt, aSpec, attemptIdOf, type SpecMembers } from '../support/attempts.ts'

const mebibyte = 1024 * 1024
const attemptId = attemptIdOf(1)

function bodyOf(members: SpecMembers, gpus: string[] = []) {
  const attempt = anAttempt(1, aSpec('echo hi', members))
  const options = {
    instanceId: 'i'.repeat(32),
    network: 'bridge',
    injectEnvironment: { PROXY: 'http://p', A: '0' },
  }
  const { containers, volumes = [], tags = {} } = attempt.spec
  const { environment } = attempt
  const directory = new AttemptDirectory('/data')
  const ids = { id: attemptId, attemptId, hasSiblings: false }
  const job = { ...ids, container: containers[0]!, volumes, tags, environment, gpus, directory }
  const body = containerBody(job, options)
  return body as Record<string, unknown> & { HostConfig: Record<string, unknown> }
}

describe('containerBody', () => {
  it('labels the container with the tags of its job, which hide none of the agent', () => {
    expect(bodyOf({ tags: { team: 'a', 'longshore.attempt': 'x' } }).Labels).toEqual({
      team: 'a',
      'longshore.attempt': attemptId,
      'longshore.instance': 'i'.repeat(32),
    })
  })

  it('is what a plain job needs', () => {
    expect(bodyOf({ environment: [{ name: 'A', value: '1' }] })).toEqual({
      Image: 'busybox',
      Cmd: ['sh', '-c', 'echo hi'],
      Env: ['AWS_EXECUTION_ENV=AWS_ECS_EC2', 'PROXY=http://p', 'A=1', 'AWS_BATCH_JOB_ATTEMPT=1'],
      Labels: { 'longshore.attempt': attemptId, 'longshore.instance': 'i'.repeat(32) },
      StopTimeout: 30,
      HostConfig: {
        NetworkMode: 'bridge',
        LogConfig: { Type: 'json-file', Config: { 'max-size': '1000000g', 'max-file': '1' } },
        CpuShares: 1024,
        Memory: 256 * mebibyte,
        Privileged: false,
        ReadonlyRootfs: false,
        Ulimits: [],
        Binds: [],
        Mounts: [],
      },
    })
  })

  it('leaves the command to the image where the job has none', () => {
    expect(bodyOf({ command: [] })).not.toHaveProperty('Cmd')
  })

  it('passes on user, rights and limits', () => {
    const body = bodyOf({
      user: 'nobody',
      privileged: true,
      readonlyRootFilesystem: true,
      resources: { cpuMilli: 250, memoryMiB: 4, gpuMilli: 0, diskMiB: 0 },
      ulimits: [{ name: 'nofile', softLimit: 10, hardLimit: 20 }],
    })
    expect(body.User).toBe('nobody')
    expect(body.HostConfig).toMatchObject({
      Privileged: true,
      ReadonlyRootfs: true,
      CpuShares: 256,
      Memory: 6 * mebibyte,
      Ulimits: [{ Name: 'nofile', Soft: 10, Hard: 20 }],
    })
  })

  it('has the network of the host where others must find it', () => {
    expect(bodyOf({ hostNetwork: true }).HostConfig).toMatchObject({ NetworkMode: 'host' })
  })

  it('passes on what is particular to Linux', () => {
    const { HostConfig } = bodyOf({
      linuxParameters: {
        initProcessEnabled: true,
        sharedMemorySize: 128,
        maxSwap: 100,
        swappiness: 10,
        tmpfs: [{ containerPath: '/scratch', size: 64, mountOptions: ['noexec', 'mode=1777'] }],
        devices: [
          { hostPath: '/dev/fuse' },
          { hostPath: '/dev/sda', containerPath: '/dev/x', permissions: ['READ'] },
        ],
      },
    })
    expect(HostConfig).toMatchObject({
      Init: true,
      ShmSize: 128 * mebibyte,
      MemorySwap: 356 * mebibyte,
      MemorySwappiness: 10,
      Tmpfs: { '/scratch': 'size=64m,noexec,mode=1777' },
      Devices: [
        { PathOnHost: '/dev/fuse', PathInContainer: '/dev/fuse', CgroupPermissions: 'rwm' },
        { PathOnHost: '/dev/sda', PathInContainer: '/dev/x', CgroupPermissions: 'r' },
      ],
    })
  })

  it('ignores swappiness without a bound on swap, and takes 0 as none', () => {
    expect(bodyOf({ linuxParameters: { swappiness: 10 } }).HostConfig).not.toHaveProperty('MemorySwappiness')
    expect(bodyOf({ linuxParameters: { maxSwap: 0 } }).HostConfig.MemorySwap).toBe(256 * mebibyte)
  })

  it('mounts host paths, and volumes of the attempt', () => {
    const { HostConfig } = bodyOf({
      volumes: [{ name: 'data', host: { sourcePath: '/srv/data' } }, { name: 'scratch' }],
      mountPoints: [
        { sourceVolume: 'data', containerPath: '/data', readOnly: true },
        { sourceVolume: 'scratch', containerPath: '/scratch' },
      ],
    })
    expect(HostConfig.Binds).toEqual(['/srv/data:/data:ro'])
    expect(HostConfig.Mounts).toMatchObject([
      { Type: 'volume', Source: `longshore-${attemptId}-scratch`, Target: '/scratch', ReadOnly: false },
    ])
  })

  it('says what it cannot mount', () => {
    const mountPoints = [{ sourceVolume: 'x', containerPath: '/x' }]
    expect(() => bodyOf({ mountPoints })).toThrow('mount point /x: there is no volume x')
    const efs = { name: 'x', efsVolumeConfiguration: { fileSystemId: 'fs-1' } }
    expect(() => bodyOf({ mountPoints, volumes: [efs] })).toThrow('volume x: this host cannot mount AWS')
  })

  it('asks for the very GPUs that were set aside', () => {
    const body = bodyOf({}, ['GPU-a', 'GPU-b'])
    expect(body.HostConfig.DeviceRequests).toEqual([
      { Driver: 'nvidia', DeviceIDs: ['GPU-a', 'GPU-b'], Capabilities: [['gpu']] },
    ])
    expect(body.Env).toContain('NVIDIA_VISIBLE_DEVICES=GPU-a,GPU-b')
  })
})
