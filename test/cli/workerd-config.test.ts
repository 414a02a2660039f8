import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createDeploymentKeys } from '../../src/cli/deployment-keys.ts'
import {
  compatibilityDate,
  objectClasses,
  settings,
  workerdConfig,
  workerdEnvironment,
} from '../../src/cli/workerd-config.ts'

const wrangler = readFileSync(join(import.meta.dirname, '../../wrangler.toml'), 'utf8')

describe('objectClasses', () => {
  it('are those of wrangler.toml', () => {
    const bindings = [...wrangler.matchAll(/^name = "(\w+)"\nclass_name = "(\w+)"$/gm)]
    const ours = Object.entries(objectClasses).map(([name, { className }]) => [name, className])
    expect(ours).toEqual(bindings.map(([, name, className]) => [name, className]))
  })

  it('keep their data in folders of their own', () => {
    const keys = Object.values(objectClasses).map(({ uniqueKey }) => uniqueKey)
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('settings', () => {
  it('are the vars of wrangler.toml', () => {
    const vars = /^\[vars\]\n((?:\w+ = ".*"\n)+)/m.exec(wrangler)![1]!
    const theirs = [...vars.matchAll(/^(\w+) = "(.*)"$/gm)].map(([, name, value]) => [name, value])
    expect(Object.entries(settings)).toEqual(theirs)
  })

  it('go with the compatibility date of wrangler.toml', () => {
    expect(wrangler).toContain(`compatibility_date = "${compatibilityDate}"`)
  })
})

describe('workerdConfig', () => {
  const keys = createDeploymentKeys()
  const config = workerdConfig(keys)

  it('binds each secret from the environment and holds none itself', () => {
    const bound = [...config.matchAll(/\(name = "(\w+)", fromEnvironment = "(\w+)"\)/g)]
    expect(bound.map(([, , variable]) => variable)).toEqual(Object.keys(workerdEnvironment(keys)))
    for (const [, name] of bound) expect(wrangler).toContain(name!)
    for (const secret of Object.values(keys)) expect(config).not.toContain(secret)
  })

  it('holds what a deployment sets otherwise', () => {
    expect(config).toContain('(name = "HISTORY_DAYS", text = "14")')
    expect(workerdConfig(keys, { HISTORY_DAYS: '30' })).toContain('(name = "HISTORY_DAYS", text = "30")')
  })

  it('binds every object class, with SQLite', () => {
    for (const [name, { className, uniqueKey }] of Object.entries(objectClasses)) {
      expect(config).toContain(`(name = "${name}", durableObjectNamespace = "${className}")`)
      expect(config).toContain(`(className = "${className}", uniqueKey = "${uniqueKey}", enableSql = true)`)
    }
  })
})
