#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import { type Command, parseCommand } from './arguments.ts'
import { CliError } from './cli-error.ts'
import { helpTexts } from './help.ts'
import { packageVersion } from './package-root.ts'

/** The `longshore` command. Exit code 0 on success, 1 when something went wrong, 2 for wrong usage. */
try {
  await run(parseCommand(process.argv.slice(2), process.env))
} catch (error) {
  const message = error instanceof CliError ? error.message : (error as Error).stack
  process.stderr.write(`longshore: ${message}\n`)
  process.exitCode = error instanceof CliError ? error.exitCode : 1
}

async function run(command: Command): Promise<void> {
  switch (command.name) {
    case 'help':
      process.stdout.write(helpTexts[command.topic])
      return
    case 'version':
      process.stdout.write(`${packageVersion()}\n`)
      return
    case 'dev': {
      const { runDev } = await import('./dev.ts')
      return runDev(command.options, fileURLToPath(import.meta.url))
    }
    case 'agent': {
      const { runAgentCommand } = await import('./agent-command.ts')
      return runAgentCommand(command.options)
    }
    case 'explain': {
      const { explainCommand } = await import('./explain.ts')
      process.stdout.write(await explainCommand(command.options))
      return
    }
    case 'replay': {
      const { replayCommand } = await import('./replay.ts')
      process.stdout.write(await replayCommand(command.options))
    }
  }
}
