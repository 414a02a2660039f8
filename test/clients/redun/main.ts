import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { runClient } from '../support/client-run.ts'
import { startClientServer } from '../support/client-server.ts'
import { pythonEnvironment, runPythonChecks } from '../support/python-environment.ts'
import { startS3Emulator } from '../support/s3-emulator.ts'

/** redun: its Batch executor gathers alike tasks into array jobs and passes everything through S3. */
await runClient('redun', 240_000, async (run) => {
  const python = await pythonEnvironment(run, join(import.meta.dirname, 'requirements.txt'))
  const s3 = await startS3Emulator(run, 'redun')
  const server = await startClientServer(run, {
    PATH: python.env.PATH!,
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ACCESS_KEY_ID: 'emulated',
    AWS_SECRET_ACCESS_KEY: 'emulated',
    AWS_DEFAULT_REGION: 'us-east-1',
  })
  const work = join(run.folder, 'work')
  mkdirSync(work)
  const env = {
    AWS_ENDPOINT_URL_STS: s3.url,
    ...server.env,
    AWS_ENDPOINT_URL_S3: s3.url,
    REDUN_CONFIG: join(work, '.redun'),
    USER: 'tester',
  }
  await runPythonChecks(run, python, join(import.meta.dirname, 'redun_checks.py'), work, env)
})
