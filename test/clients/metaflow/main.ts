import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { runClient } from '../support/client-run.ts'
import { startClientServer } from '../support/client-server.ts'
import { pythonEnvironment, runPythonChecks } from '../support/python-environment.ts'
import { startS3Emulator } from '../support/s3-emulator.ts'

/**
 * Metaflow: a flow runs from this machine with its steps as Batch jobs and its artifacts in S3, and is then looked at
 * with Metaflow's client. Its metadata lies in a directory that all hosts share, since there is no metadata service.
 */
await runClient('metaflow', 300_000, async (run) => {
  const python = await pythonEnvironment(run, join(import.meta.dirname, 'requirements.txt'))
  const s3 = await startS3Emulator(run, 'metaflow')
  const shared = join(run.folder, 'shared')
  mkdirSync(shared)
  const anywhere = { AWS_ENDPOINT_URL_S3: s3.url, METAFLOW_DATASTORE_SYSROOT_LOCAL: shared }
  const server = await startClientServer(run, {
    ...anywhere,
    PATH: python.env.PATH!,
    AWS_ACCESS_KEY_ID: 'emulated',
    AWS_SECRET_ACCESS_KEY: 'emulated',
    METAFLOW_SKIP_INSTALL_DEPENDENCIES: '1',
  })
  await runPythonChecks(run, python, join(import.meta.dirname, 'metaflow_checks.py'), shared, {
    ...server.env,
    ...anywhere,
    USERNAME: 'tester',
    METAFLOW_DEFAULT_DATASTORE: 's3',
    METAFLOW_DEFAULT_METADATA: 'local',
    METAFLOW_DATASTORE_SYSROOT_S3: 's3://metaflow/artifacts',
    METAFLOW_BATCH_JOB_QUEUE: 'default',
    METAFLOW_BATCH_CONTAINER_IMAGE: 'python:3.11',
    METAFLOW_ECS_S3_ACCESS_IAM_ROLE: 'arn:aws:iam::000000000000:role/jobs',
  })
})
