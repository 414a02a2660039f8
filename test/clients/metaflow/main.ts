import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { runClient } from '../support/client-run.ts'
import { startClientServer } from '../support/client-server.ts'
import { pythonEnvironment, runPythonChecks } from '../support/python-environment.ts'
import { startS3Emulator } from '../support/s3-emulator.ts'
import { startMetadataService } from './metadata-service.ts'

/**
 * Metaflow: a flow runs from this machine with its steps as Batch jobs, its artifacts in S3 and its metadata in the
 * stand-in for the metadata service, and is then looked at with Metaflow's client.
 */
await runClient('metaflow', 400_000, async (run) => {
  const python = await pythonEnvironment(run, join(import.meta.dirname, 'requirements.txt'))
  const s3 = await startS3Emulator(run, 'metaflow')
  const metadata = await startMetadataService(run)
  const server = await startClientServer(run, {
    PATH: python.env.PATH!,
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ACCESS_KEY_ID: 'emulated',
    AWS_SECRET_ACCESS_KEY: 'emulated',
    METAFLOW_SKIP_INSTALL_DEPENDENCIES: '1',
  })
  const work = join(run.folder, 'work')
  mkdirSync(work)
  await runPythonChecks(run, python, join(import.meta.dirname, 'metaflow_checks.py'), work, {
    ...server.env,
    AWS_ENDPOINT_URL_S3: s3.url,
    USERNAME: 'tester',
    METAFLOW_DEFAULT_DATASTORE: 's3',
    METAFLOW_DATASTORE_SYSROOT_S3: 's3://metaflow/artifacts',
    METAFLOW_DEFAULT_METADATA: 'service',
    METAFLOW_SERVICE_URL: metadata,
    METAFLOW_SERVICE_INTERNAL_URL: metadata,
    METAFLOW_BATCH_JOB_QUEUE: 'default',
    METAFLOW_BATCH_CONTAINER_IMAGE: 'python:3.11',
    METAFLOW_ECS_S3_ACCESS_IAM_ROLE: 'arn:aws:iam::000000000000:role/jobs',
  })
})
