import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ReplayOptions } from '../../src/cli/arguments.ts'
import { replayCommand } from '../../src/cli/replay.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'replay-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const replay = (file: string, options: Partial<ReplayOptions> = {}) =>
  replayCommand({ file, against: ['fifo'], owner: 'user', json: false, ...options })

/** Two jobs of two processors, a long and a short one, and one of four in between. */
const swf = `; MaxProcs: 4
1 0 -1 10 2 -1 -1 2 10 -1 1 1 1 1 1 -1 -1 -1
2 1 -1 10 4 -1 -1 4 10 -1 1 2 1 1 1 -1 -1 -1
3 2 -1 8 2 -1 -1 2 8 -1 1 1 1 1 1 -1 -1 -1
`
const described = (id: string, createdAt: number, startedAt: number, vcpus: number) => ({
  jobId: id,
  status: 'SUCCEEDED',
  createdAt: createdAt * 1000,
  startedAt: startedAt * 1000,
  stoppedAt: (startedAt + 10) * 1000,
  container: { resourceRequirements: [{ type: 'VCPU', value: String(vcpus) }] },
})

describe('replay', () => {
  it('compares Longshore with what it is told to on the machine of a log, compressed or not', async () => {
    const text = await replay(write('log.swf.gz', gzipSync(swf)))
    expect(text).toContain('3 jobs on 4 processors')
    expect(text.match(/^(longshore|fifo) .*/gm)!.map((row) => row.split(/ +/).slice(0, 6))).toEqual([
      ['longshore', '3', '0', '9', '9', '9'],
      ['fifo', '9', '9', '18', '18', '18'],
    ])
    expect(await replay(write('log.swf', swf))).toBe(text.replace('log.swf.gz', 'log.swf'))
  })

  it('obeys a policy, and has Longshore let nobody by where that is compared with', async () => {
    const policy = write('policy.json', '{ "schedulingSettings": { "blockedHead": "STRICT" } }')
    const rows = (text: string) =>
      JSON.parse(text).rows.map((row: Row) => [row.policy, row.metrics.waitMs.max])
    const file = write('log.swf', swf)
    expect(rows(await replay(file, { policy, json: true }))).toEqual([
      ['longshore', 18_000],
      ['fifo', 18_000],
    ])
    expect(rows(await replay(file, { against: ['strict'], json: true }))).toEqual([
      ['longshore', 9000],
      ['strict', 18_000],
    ])
  })

  it('keeps to the limits of a policy', async () => {
    const settings = { schedulingSettings: { limits: { runningJobs: 1 } } }
    const limited = await replay(write('log.swf', swf), {
      policy: write('policy.json', JSON.stringify(settings)),
      json: true,
    })
    const free = await replay(write('log.swf', swf), { json: true })
    const meanOf = (text: string) => JSON.parse(text).rows[0].metrics.waitMs.mean
    expect(meanOf(limited)).toBeGreaterThan(meanOf(free))
  })

  it('replays what DescribeJobs told, and says how it really went', async () => {
    const jobs = [described('a', 0, 0, 2), described('b', 1, 50, 2), { jobId: 'c', status: 'RUNNING' }]
    const answer = await replay(write('answer.json', JSON.stringify({ jobs })), { processors: 4 })
    expect(answer).toContain('2 jobs on 4 processors; 1 left out')
    expect(
      answer.match(/^(as recorded|longshore) .*/gm)!.map((row) => row.split(/ {2,}/).slice(0, 2)),
    ).toEqual([
      ['as recorded', '25'],
      ['longshore', '0'],
    ])
    const lines = write('answer.json', jobs.map((job) => `${JSON.stringify(job)}\n`).join(''))
    expect(await replay(lines, { processors: 4 })).toBe(answer)
  })

  it('compares received with entitled shares by their weights', async () => {
    const fairsharePolicy = { shareDistribution: [{ shareIdentifier: '1', weightFactor: 0.5 }] }
    const policy = write('policy.json', JSON.stringify({ fairsharePolicy }))
    const { rows } = JSON.parse(await replay(write('log.swf', swf), { policy, json: true }))
    expect(rows[0].misallocation).toBeGreaterThan(0)
  })

  it.each([
    ['1 2 3', {}, /no log in the Standard Workload Format: line 1 has 3 fields, not 18/],
    ['; MaxProcs: 4\n', {}, /holds no job that ran and fits 4 processors/],
    [swf.replace('; MaxProcs: 4\n', ''), {}, /--processors is missing/],
    [swf, { processors: 1 }, /holds no job that ran and fits 1 processors/],
    ['{"jobs": [{"createdAt": "now"}]}', {}, /: jobs\.0\.createdAt: /],
    ['{"createdAt": 1}\n{"createdAt"', {}, /line 2: not JSON/],
    ['[1]', {}, /the job: /],
  ])('refuses the file %j', async (content, options, message) => {
    await expect(replay(write('file', content), options)).rejects.toThrow(message)
  })

  it.each([
    ['{', /cannot be read as JSON/],
    ['{ "fairshare": {} }', /Unrecognized key: "fairshare"/],
    ['{ "fairsharePolicy": { "shareDecaySeconds": -1 } }', /fairsharePolicy\.shareDecaySeconds: /],
    ['{ "schedulingSettings": { "blockedHead": "OPEN" } }', /schedulingSettings\.blockedHead: /],
    ['{ "schedulingSettings": { "limits": { "vcpus": 0 } } }', /schedulingSettings\.limits\.vcpus: /],
    ['{ "schedulingSettings": { "preemption": ["LOWER_QUEUES"] } }', /schedulingSettings\.preemption\.0: /],
  ])('refuses the policy %s', async (content, message) => {
    const policy = write('policy.json', content)
    await expect(replay(write('log.swf', swf), { policy })).rejects.toThrow(message)
  })

  it('says that a file is not there', async () => {
    await expect(replay(join(folder, 'none.swf'))).rejects.toThrow(/none\.swf cannot be read: /)
  })
})

type Row = { policy: string; metrics: { waitMs: { max: number } } }
