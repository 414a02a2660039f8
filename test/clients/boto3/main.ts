import { join } from 'node:path'
import { runClient } from '../support/client-run.ts'
import { startClientServer } from '../support/client-server.ts'
import { pythonEnvironment, runPythonChecks } from '../support/python-environment.ts'

/** boto3: every call a script makes, and the shape of every answer against `shapes.json`. */
await runClient('boto3', 120_000, async (run) => {
  const python = await pythonEnvironment(run, join(import.meta.dirname, 'requirements.txt'))
  const server = await startClientServer(run)
  await runPythonChecks(run, python, join(import.meta.dirname, 'boto3_checks.py'), run.folder, server.env)
})
