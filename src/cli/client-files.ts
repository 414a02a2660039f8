import { join } from 'node:path'
import type { DeploymentKeys } from './deployment-keys.ts'
import { writePrivateFile } from './private-file.ts'
import { region } from './workerd-config.ts'

/** The services that are served, as they are named in AWS_ENDPOINT_URL_*. */
const services = ['BATCH', 'CLOUDWATCH_LOGS', 'STS']

/**
 * Writes what clients need: `credentials`, an AWS shared-credentials file, and `env`, to be sourced by a POSIX shell.
 * `directory` is absolute, so that `env` works from anywhere.
 */
export function writeClientFiles(directory: string, url: string, keys: DeploymentKeys): void {
  const credentials = join(directory, 'credentials')
  writePrivateFile(credentials, credentialsFile(keys))
  writePrivateFile(join(directory, 'env'), environmentFile(credentials, url, keys.adminToken))
}

function credentialsFile(keys: DeploymentKeys): string {
  return `[default]
aws_access_key_id = ${keys.accessKeyId}
aws_secret_access_key = ${keys.secretAccessKey}
`
}

/** Keys already in a shell's environment would win over the credentials file, so they are unset. */
function environmentFile(credentials: string, url: string, token: string): string {
  const variables: [string, string][] = [
    ...services.map((service): [string, string] => [`AWS_ENDPOINT_URL_${service}`, url]),
    ['AWS_SHARED_CREDENTIALS_FILE', credentials],
    ['AWS_PROFILE', 'default'],
    ['AWS_REGION', region],
    ['AWS_DEFAULT_REGION', region],
    ['LONGSHORE_URL', url],
    ['LONGSHORE_TOKEN', token],
  ]
  return `unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
${variables.map(([name, value]) => `export ${name}=${shellQuoted(value)}\n`).join('')}`
}

function shellQuoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`
}
