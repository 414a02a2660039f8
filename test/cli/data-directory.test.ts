import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDataDirectory } from '../../src/cli/data-directory.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

describe('openDataDirectory', () => {
  it('makes a directory that only its owner can enter, and marks it', () => {
    const path = join(temporaryDirectory(), 'deep', 'data')
    const data = openDataDirectory(path)
    expect(data.provisioned).toBe(false)
    expect(statSync(path).mode & 0o777).toBe(0o700)
    expect(JSON.parse(readFileSync(join(path, 'longshore.json'), 'utf8'))).toMatchObject({ format: 1 })
    data.release()
  })

  it('takes up what it made, and remembers that it was provisioned', () => {
    const path = temporaryDirectory()
    const first = openDataDirectory(path)
    first.markProvisioned()
    first.release()
    const second = openDataDirectory(path)
    expect(second.provisioned).toBe(true)
    second.release()
  })

  it('refuses a directory that holds something else, and leaves nothing in it', () => {
    const path = temporaryDirectory()
    writeFileSync(join(path, 'thesis.tex'), '')
    expect(() => openDataDirectory(path)).toThrow(`${path} is not empty and is no Longshore data directory`)
    expect(statSync(join(path, 'lock'), { throwIfNoEntry: false })).toBeUndefined()
  })

  it('refuses a directory in use by another process', () => {
    const path = temporaryDirectory()
    const data = openDataDirectory(path)
    const module = join(import.meta.dirname, '../../src/cli/data-directory.ts')
    const script = `(await import(${JSON.stringify(module)})).openDataDirectory(process.argv[1])`
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, path], {
      encoding: 'utf8',
    })
    expect(stderr).toContain(`${path} is in use by another longshore dev`)
    data.release()
    openDataDirectory(path).release()
  })

  it('takes over from a process that was killed', () => {
    const path = temporaryDirectory()
    const module = join(import.meta.dirname, '../../src/cli/data-directory.ts')
    const script = `(await import(${JSON.stringify(module)})).openDataDirectory(process.argv[1]); process.kill(process.pid, 9)`
    const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script, path])
    expect(signal).toBe('SIGKILL')
    openDataDirectory(path).release()
  })

  it('refuses data of another format', () => {
    const path = temporaryDirectory()
    writeFileSync(join(path, 'longshore.json'), '{"format":2}')
    expect(() => openDataDirectory(path)).toThrow(`${path} has data format 2; this version reads format 1`)
  })

  it('says why a directory cannot be made', () => {
    const root = temporaryDirectory()
    mkdirSync(join(root, 'folder'))
    writeFileSync(join(root, 'file'), '')
    const below = join(root, 'file', 'data')
    expect(() => openDataDirectory(below)).toThrow(`cannot use the data directory ${below}: `)
    expect(() => openDataDirectory('/proc/longshore')).toThrow(
      'cannot use the data directory /proc/longshore: ',
    )
  })
})
