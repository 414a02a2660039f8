import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inParallel } from './batch-http.ts'
import { type Figure, medianFigure } from './figure.ts'

const syncs = 300
const spawns = 500
const repeats = 3

/** What this machine could do at best at this hour, so that the other figures can be judged. */
export async function measureMachineFloor(): Promise<Figure[]> {
  const directory = mkdtempSync(join(tmpdir(), 'longshore-bench-'))
  try {
    const synced: number[] = []
    const spawned: number[] = []
    for (let repeat = 0; repeat < repeats; repeat++) {
      synced.push(syncsPerSecond(join(directory, 'file')))
      spawned.push(await spawnsPerSecond())
    }
    return [
      medianFigure('machine: fdatasync of 4 KiB appended', synced, '/s'),
      medianFigure('machine: Node spawns /bin/true, two at a time', spawned, '/s'),
    ]
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function syncsPerSecond(path: string): number {
  const file = openSync(path, 'w')
  const page = Buffer.alloc(4096)
  const begun = performance.now()
  for (let i = 0; i < syncs; i++) {
    writeSync(file, page)
    fdatasyncSync(file)
  }
  closeSync(file)
  return (syncs * 1000) / (performance.now() - begun)
}

async function spawnsPerSecond(): Promise<number> {
  const begun = performance.now()
  await inParallel(spawns, 2, () => once(spawn('/bin/true', { stdio: 'ignore' }), 'exit'))
  return (spawns * 1000) / (performance.now() - begun)
}
