import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { familiarImage } from '../../../src/core/model/image-reference.ts'

describe('familiarImage', () => {
  it.each([
    ['busybox', 'busybox:latest'],
    ['busybox:1.36', 'busybox:1.36'],
    ['docker.io/library/busybox', 'busybox:latest'],
    ['index.docker.io/acme/tool:2', 'acme/tool:2'],
    ['library/busybox', 'busybox:latest'],
    ['localhost:5000/tool', 'localhost:5000/tool:latest'],
    ['public.ecr.aws/library/busybox:1', 'public.ecr.aws/library/busybox:1'],
    ['acme/tool:2@sha256:0a', 'acme/tool@sha256:0a'],
    ['localhost:5000/tool@sha256:0a', 'localhost:5000/tool@sha256:0a'],
    ['', ''],
  ])('%s is %s', (reference, familiar) => {
    expect(familiarImage(reference)).toBe(familiar)
  })

  it('leaves what has that form as it is', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}$/)
    const name = fc
      .tuple(fc.constantFrom('', 'quay.io/', 'docker.io/', 'host:80/'), part)
      .map((p) => p.join(''))
    const reference = fc
      .tuple(name, fc.constantFrom('', ':1', '@sha256:ff', ':1@sha256:ff'))
      .map((p) => p.join(''))
    fc.assert(
      fc.property(reference, (one) => {
        expect(familiarImage(familiarImage(one))).toBe(familiarImage(one))
      }),
    )
  })
})
