import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { writePrivateFile } from './private-file.ts'

export type DeploymentKeys = {
  accessKeyId: string
  secretAccessKey: string
  adminToken: string
  agentToken: string
  deploymentSalt: string
}

/** The keys kept in a file, made on first use. */
export function loadDeploymentKeys(path: string): DeploymentKeys {
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as DeploymentKeys
  const keys = createDeploymentKeys()
  writePrivateFile(path, `${JSON.stringify(keys, null, 2)}\n`)
  return keys
}

/** New keys; the access key has AWS's form (AKIA and 16 base-32 digits; 40 base-64 digits). */
export function createDeploymentKeys(): DeploymentKeys {
  const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const digits = Array.from(randomBytes(16), (byte) => base32[byte % 32])
  return {
    accessKeyId: `AKIA${digits.join('')}`,
    secretAccessKey: randomText(30, 'base64'),
    adminToken: randomText(32, 'base64url'),
    agentToken: randomText(32, 'base64url'),
    deploymentSalt: randomText(32, 'base64url'),
  }
}

function randomText(bytes: number, encoding: 'base64' | 'base64url'): string {
  return Buffer.from(randomBytes(bytes)).toString(encoding)
}
