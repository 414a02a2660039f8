import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { runClient } from '../support/client-run.ts'
import { startClientServer } from '../support/client-server.ts'
import { pythonEnvironment, runPythonChecks } from '../support/python-environment.ts'
import { startS3Emulator } from '../support/s3-emulator.ts'

/**
 * miniwdl with miniwdl-aws, its backend for a file system that all hosts share: here a directory. What its self-test
 * downloads is provided: a directory of S3 by the emulator, a file by a stand-in for the program that would fetch it.
 */
await runClient('miniwdl', 240_000, async (run) => {
  const python = await pythonEnvironment(run, join(import.meta.dirname, 'requirements.txt'))
  const awsCli = await pythonEnvironment(run, join(import.meta.dirname, '../aws-cli/requirements.txt'))
  const s3 = await startS3Emulator(run, '1000genomes')
  const reference = 'phase3/integrated_sv_map/supporting/breakpoints'
  for (const file of ['one.txt', 'two.txt']) await s3.put(`${reference}/${file}`, 'of the reference\n')
  const server = await startClientServer(run, {
    PATH: `${join(import.meta.dirname, 'stand-ins')}:${awsCli.env.PATH}`,
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ACCESS_KEY_ID: 'emulated',
    AWS_SECRET_ACCESS_KEY: 'emulated',
    AWS_DEFAULT_REGION: 'us-east-1',
  })
  const shared = join(run.folder, 'shared')
  mkdirSync(shared)
  await runPythonChecks(run, python, join(import.meta.dirname, 'miniwdl_checks.py'), shared, {
    ...server.env,
    MINIWDL__SCHEDULER__CONTAINER_BACKEND: 'aws_batch_job_no_efs',
    MINIWDL__FILE_IO__ROOT: shared,
    // The self-test counts the files of a directory without following links; miniwdl-aws links inputs unless told so.
    MINIWDL__FILE_IO__COPY_INPUT_FILES: 'true',
    MINIWDL__AWS__TASK_QUEUE: 'default',
    MINIWDL__AWS__SUBMIT_PERIOD: '0.1',
    MINIWDL__AWS__DESCRIBE_PERIOD: '0.5',
    MINIWDL__AWS__RETRY_WAIT: '0',
  })
})
