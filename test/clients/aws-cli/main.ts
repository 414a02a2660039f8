import { join } from 'node:path'
import { runClient } from '../support/client-run.ts'
import { startClientServer } from '../support/client-server.ts'
import { pythonEnvironment, runPythonChecks } from '../support/python-environment.ts'

/** The aws CLI, version 1 as PyPI has it: the commands of the README and what shell scripts do. */
await runClient('aws-cli', 120_000, async (run) => {
  const python = await pythonEnvironment(run, join(import.meta.dirname, 'requirements.txt'))
  const server = await startClientServer(run)
  await runPythonChecks(run, python, join(import.meta.dirname, 'aws_cli_checks.py'), run.folder, server.env)
})
