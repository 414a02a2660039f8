import { describe, expect, it } from 'vitest'
import type { ImageSummary } from '../../src/agent/docker-client.ts'
import { DockerImageList } from '../../src/agent/docker-image-list.ts'

const anImage = (Created: number, ...RepoTags: string[]): ImageSummary => ({
  Created,
  RepoTags,
  RepoDigests: null,
})

/** A list of an engine that has `images`. */
async function aListOf(images: ImageSummary[]) {
  const logged: string[] = []
  const engine = { images, fails: false }
  const client = {
    async listImages() {
      if (engine.fails) throw new Error('no answer')
      return engine.images
    },
  }
  const list = new DockerImageList(client, (line) => logged.push(line))
  await list.refresh()
  return { list, engine, logged }
}

describe('DockerImageList', () => {
  it('names each image by all its tags and digests, the newest first', async () => {
    const both = { Created: 5, RepoTags: ['tool:1', 'quay.io/tool:1'], RepoDigests: ['tool@sha256:0a'] }
    const unnamed = { Created: 9, RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] }
    const { list } = await aListOf([anImage(1, 'docker.io/library/old:1'), both, unnamed])
    expect(list.current()).toEqual(['tool:1', 'quay.io/tool:1', 'tool@sha256:0a', 'old:1'])
  })

  it('names a bounded number, of a bounded length, and those that were used here before all', async () => {
    const many = Array.from({ length: 150 }, (_, at) => anImage(at, `image:${at}`))
    const { list } = await aListOf([anImage(200, `${'x'.repeat(600)}:1`), ...many])
    expect(list.current()).toEqual(Array.from({ length: 100 }, (_, at) => `image:${149 - at}`))
    list.used('image:3')
    expect(list.current().slice(0, 2)).toEqual(['image:3', 'image:149'])
    expect(list.current()).toHaveLength(100)
    await list.refresh()
    expect(list.current()[0]).toBe('image:3')
  })

  it('is the same list until it has changed', async () => {
    const { list, engine } = await aListOf([anImage(1, 'tool:1')])
    const before = list.current()
    list.used('docker.io/library/tool:1')
    await list.refresh()
    expect(list.current()).toBe(before)
    list.used('other')
    expect(list.current()).toEqual(['other:latest', 'tool:1'])
    engine.images = [anImage(2, 'other:latest')]
    await list.refresh()
    expect(list.current()).toEqual(['other:latest'])
  })

  it('stays as it is, and says so, while the engine does not answer', async () => {
    const { list, engine, logged } = await aListOf([anImage(1, 'tool:1')])
    engine.fails = true
    await list.refresh()
    expect(list.current()).toEqual(['tool:1'])
    expect(logged).toEqual(['images of this host: no answer'])
  })
})
