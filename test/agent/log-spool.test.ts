import { appendFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LogSpool } from '../../src/agent/log-spool.ts'
import { limits } from '../../src/core/limits.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const budget = limits.logBatchBytes

function aSpool(options: { stamped?: boolean } = {}) {
  const path = temporaryDirectory()
  const output = join(path, 'output')
  const names = { group: 'group', stream: 'stream' }
  const files = { output, delivered: join(path, 'delivered') }
  const open = () => new LogSpool({ ...names, ...files, stamped: options.stamped ?? false })
  const print = (text: string | Buffer, at: number) => {
    appendFileSync(output, text)
    utimesSync(output, at / 1000, at / 1000)
  }
  return { open, print, output, spool: open() }
}

/** Everything there is to take now. */
function takeAll(spool: LogSpool, now: number) {
  const taken = []
  for (;;) {
    const next = spool.take(budget, now)
    if (!next) return taken
    taken.push(next)
  }
}

function linesOf(taken: ReturnType<typeof takeAll>): string[] {
  return taken.flatMap(({ batch }) => batch.events.map(([, text]) => text))
}

describe('LogSpool', () => {
  it('gives every line the time by which it had been printed, however late it is read', () => {
    const { spool, print } = aSpool()
    print('one\n', 1000)
    spool.observe(1100)
    print('two\nthree\n', 2000)
    spool.observe(2100)
    const [taken] = takeAll(spool, 60_000)
    expect(taken!.batch).toEqual({
      group: 'group',
      stream: 'stream',
      first: 0,
      events: [
        [1000, 'one'],
        [2000, 'two'],
        [2000, 'three'],
      ],
    })
  })

  it('never goes back in time', () => {
    const { spool, print } = aSpool()
    print('one\n', 5000)
    spool.observe(5100)
    takeAll(spool, 5100)
    print('two\n', 3000)
    spool.observe(5200)
    expect(takeAll(spool, 5200)[0]!.batch.events).toEqual([[5000, 'two']])
  })

  it('gives away half a line only after some quiet, and no empty line when its newline comes', () => {
    const { spool, print } = aSpool()
    print('working...', 1000)
    spool.observe(1000)
    expect(takeAll(spool, 1100)).toEqual([])
    expect(linesOf(takeAll(spool, 1200))).toEqual(['working...'])
    print('\ndone\n', 2000)
    spool.observe(2000)
    expect(linesOf(takeAll(spool, 2000))).toEqual(['done'])
  })

  it('gives away half a line at once when nothing more will come', () => {
    const { spool, print } = aSpool()
    print('the end', 1000)
    spool.finish()
    spool.observe(1000)
    const taken = takeAll(spool, 1000)
    expect(linesOf(taken)).toEqual(['the end'])
    expect(spool.isDrained()).toBe(false)
    for (const { cut } of taken) spool.settle(cut)
    expect(spool.isDrained()).toBe(true)
  })

  it('is drained when nothing was printed, or nothing but the end of a line is left', () => {
    const { spool, print } = aSpool()
    print('x', 1000)
    spool.observe(1000)
    const [half] = takeAll(spool, 1300)
    spool.settle(half!.cut)
    print('\n', 2000)
    spool.finish()
    spool.observe(2000)
    expect(takeAll(spool, 2000)).toEqual([])
    expect(spool.isDrained()).toBe(true)
  })

  it('sends the same events under the same numbers after a lost connection', () => {
    const { spool, print } = aSpool()
    print('one\ntwo', 1000)
    spool.observe(1000)
    const before = takeAll(spool, 1500)
    print(' and more\nthree\n', 2000)
    spool.observe(2000)
    before.push(...takeAll(spool, 2000))
    expect(linesOf(before)).toEqual(['one', 'two', ' and more', 'three'])
    spool.settle(before[0]!.cut)
    spool.rewind()
    const again = takeAll(spool, 9000)
    expect(again.map(({ batch }) => batch)).toEqual(before.slice(1).map(({ batch }) => batch))
  })

  it('sends the same events under the same numbers after a restart', () => {
    const { spool, print, open } = aSpool()
    print(Buffer.from([0x61, 0xe2, 0x82]), 1000)
    spool.observe(1000)
    const before = takeAll(spool, 1500)
    print(Buffer.from([0xac, 10]), 2000)
    spool.observe(2000)
    before.push(...takeAll(spool, 2000))
    spool.settle(before[0]!.cut)
    print('last\n', 3000)
    spool.observe(3000)
    before.push(...takeAll(spool, 3000))
    expect(linesOf(before)).toEqual(['a', '€', 'last'])

    const restarted = open()
    restarted.observe(9000)
    const again = takeAll(restarted, 9000)
    expect(linesOf(again)).toEqual(['€', 'last'])
    expect(again.map(({ batch }) => batch.first)).toEqual([1, 2])
    for (const { cut } of again) restarted.settle(cut)
    restarted.finish()
    expect(restarted.isDrained()).toBe(true)
  })

  it('waits for the acknowledgement of earlier batches before it forgets a later one', () => {
    const { spool, print } = aSpool()
    const cuts = ['one\n', 'two\n'].map((line, index) => {
      print(line, 1000 + index)
      spool.observe(1000 + index)
      return takeAll(spool, 2000)[0]!.cut
    })
    spool.settle(cuts[1]!)
    spool.rewind()
    expect(linesOf(takeAll(spool, 3000))).toEqual(['one', 'two'])
  })

  it('keeps to its budget, but for a single large event that has all of it', () => {
    const { spool, print } = aSpool()
    print(`${'a'.repeat(1000)}\n${'b'.repeat(1000)}\n${'\u0001'.repeat(limits.logEventBytes / 3)}\n`, 1000)
    spool.observe(1000)
    spool.finish()
    expect(linesOf([spool.take(1500, 1000)!])).toEqual(['a'.repeat(1000)])
    expect(linesOf([spool.take(budget, 1000)!])).toEqual(['b'.repeat(1000)])
    expect(spool.take(budget - 1, 1000)).toBeUndefined()
    expect(linesOf([spool.take(budget, 1000)!])[0]).toHaveLength(Math.floor(limits.logEventBytes / 3))
  })

  it('takes the times of stamped lines, and no stamp where a line goes on', () => {
    const { spool, output } = aSpool({ stamped: true })
    const long = 'x'.repeat(limits.logEventBytes)
    writeFileSync(output, `0000000001000 one\n0000000002000 ${long}y\n`)
    spool.finish()
    spool.observe(50_000)
    const events = takeAll(spool, 50_000).flatMap(({ batch }) => batch.events)
    expect(events.map(([at]) => at)).toEqual([1000, 2000, 2000])
    expect(events.map(([, text]) => text).join('')).toBe(`one${long}y`)
  })
})
