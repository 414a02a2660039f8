import { describe, expect, it } from 'vitest'
import { parseSwf, SwfError } from '../../../src/core/simulation/swf.ts'

const line = (values: Record<number, number>) =>
  Array.from({ length: 18 }, (_, at) => values[at + 1] ?? -1).join(' ')
const job = { 1: 1, 2: 30, 4: 60, 5: 4, 8: 2, 9: 120, 12: 7, 13: 8, 14: 9, 15: 3 }

describe('parseSwf', () => {
  it('reads jobs by submission, and the size of the machine', () => {
    const text = `; Version: 2.2\n; MaxProcs: 100\n${line(job)}\n\n${line({ ...job, 2: 10, 8: -1 })}\n`
    const { jobs, processors, leftOut } = parseSwf(text)
    expect({ processors, leftOut }).toEqual({ processors: 100, leftOut: 0 })
    expect(jobs.map(({ id, submitAt, demands }) => [id, submitAt, demands[0]!.resources.cpuMilli])).toEqual([
      [0, 10_000, 4000],
      [1, 30_000, 2000],
    ])
    expect(jobs[1]).toMatchObject({ runMs: 60_000, boundMs: 120_000, share: '7', kind: '7 9' })
  })

  it('ends a job at its bound, and knows of no bound where none was requested', () => {
    const { jobs } = parseSwf(`${line({ ...job, 4: 500 })}\n${line({ ...job, 9: -1 })}`)
    expect(jobs.map(({ runMs, boundMs }) => [runMs, boundMs])).toEqual([
      [120_000, 120_000],
      [60_000, Number.POSITIVE_INFINITY],
    ])
  })

  it('counts a job for its user, group or queue', () => {
    expect(parseSwf(line(job), 'group').jobs[0]!.share).toBe('8')
    expect(parseSwf(line(job), 'queue').jobs[0]!.share).toBe('3')
  })

  it('leaves out what has no run time or size', () => {
    const text = `${line({ ...job, 4: -1 })}\n${line({ ...job, 5: 0, 8: -1 })}\n${line(job)}`
    expect(parseSwf(text)).toMatchObject({ leftOut: 2, jobs: { length: 1 } })
  })

  it('names the line that is wrong', () => {
    expect(() => parseSwf(`${line(job)}\n1 2 3`)).toThrow(new SwfError('line 2 has 3 fields, not 18'))
    expect(() => parseSwf(line(job).replace('30', 'soon'))).toThrow('line 1: field 2 is not a number')
  })
})
