import { statSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type { EngineJob } from './engine.ts'

/**
 * Exactly what a job finds in its environment: what the Batch agent gives a container, below it what the agent's owner
 * injects, below that PATH, HOME and HOSTNAME, which a container would have from its image. Nothing else of the agent's.
 */
export function processEnvironment(job: EngineJob, injected: Record<string, string>): Record<string, string> {
  const gpus = job.gpus.join(',')
  return {
    PATH: process.env.PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: job.directory.work,
    HOSTNAME: hostname(),
    ...(gpus ? { CUDA_VISIBLE_DEVICES: gpus } : {}),
    ...containerEnvironment(job, injected),
  }
}

/** What the agent adds to the environment that an image brings. */
export function containerEnvironment(
  job: EngineJob,
  injected: Record<string, string>,
): Record<string, string> {
  const { metadataUri } = job
  const environment: Record<string, string> = {
    AWS_EXECUTION_ENV: 'AWS_ECS_EC2',
    ...(metadataUri === undefined ? {} : { ECS_CONTAINER_METADATA_URI_V4: metadataUri }),
    ...injected,
  }
  if (job.gpus.length > 0) environment.NVIDIA_VISIBLE_DEVICES = job.gpus.join(',')
  for (const { name, value } of job.container.environment) if (name) environment[name] = value ?? ''
  return { ...environment, ...job.environment }
}

/** Why a command cannot be executed, in the words of a container engine, or undefined. */
export function unfitCommand(command: string[], path: string, directory: string): string | undefined {
  const name = command[0]
  if (!name) return 'the process runtime runs no images: the job needs a command'
  if (name.includes('/')) {
    const mode = modeOf(resolve(directory, name))
    if (mode === undefined) return `exec: "${name}": no such file or directory`
    return isExecutable(mode) ? undefined : `exec: "${name}": permission denied`
  }
  const isFound = path.split(':').some((folder) => isExecutable(modeOf(resolve(directory, folder, name))))
  return isFound ? undefined : `exec: "${name}": executable file not found in $PATH`
}

/** Kind and permissions of a file, 0 for what is no file, undefined where nothing is. */
function modeOf(path: string): number | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats && (stats.isFile() ? stats.mode : 0)
}

function isExecutable(mode: number | undefined): boolean {
  return mode !== undefined && (mode & 0o111) !== 0
}
