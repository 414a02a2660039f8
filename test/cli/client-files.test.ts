import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeClientFiles } from '../../src/cli/client-files.ts'
import { createDeploymentKeys, loadDeploymentKeys } from '../../src/cli/deployment-keys.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const keys = createDeploymentKeys()

describe('writeClientFiles', () => {
  it('writes an environment that any POSIX shell can source, whatever the directory is called', () => {
    const directory = join(temporaryDirectory(), "it's a $HOME")
    mkdirSync(directory)
    writeClientFiles(directory, 'http://127.0.0.1:8787', keys)
    const { stdout } = spawnSync('sh', ['-c', '. "$0" && env', join(directory, 'env')], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, AWS_ACCESS_KEY_ID: 'another', AWS_PROFILE: 'work' },
    })
    const variables = Object.fromEntries(
      stdout
        .split('\n')
        .filter((line) => /^(AWS|LONGSHORE)_/.test(line))
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
    expect(variables).toEqual({
      AWS_ENDPOINT_URL_BATCH: 'http://127.0.0.1:8787',
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: 'http://127.0.0.1:8787',
      AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:8787',
      AWS_SHARED_CREDENTIALS_FILE: join(directory, 'credentials'),
      AWS_PROFILE: 'default',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      LONGSHORE_URL: 'http://127.0.0.1:8787',
      LONGSHORE_TOKEN: keys.adminToken,
    })
  })

  it('writes a shared-credentials file, and both for their owner only', () => {
    const directory = temporaryDirectory()
    writeClientFiles(directory, 'http://127.0.0.1:8787', keys)
    expect(readFileSync(join(directory, 'credentials'), 'utf8')).toBe(
      `[default]\naws_access_key_id = ${keys.accessKeyId}\naws_secret_access_key = ${keys.secretAccessKey}\n`,
    )
    for (const name of ['credentials', 'env']) {
      expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600)
    }
  })
})

describe('loadDeploymentKeys', () => {
  it("makes keys of AWS's form once, for their owner only", () => {
    const path = join(temporaryDirectory(), 'keys.json')
    const made = loadDeploymentKeys(path)
    expect(made.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/)
    expect(made.secretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(loadDeploymentKeys(path)).toEqual(made)
    expect(new Set(Object.values(made)).size).toBe(5)
  })
})
