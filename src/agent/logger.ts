/** Writes one plain line for whoever runs the agent. Never a token, never a value of a job's environment. */
export type Logger = (line: string) => void

// Whoever reads may go away; the agent does not.
process.stdout.on('error', () => {})

/** Lines on standard output, each with its time. */
export const consoleLogger: Logger = (line) => {
  process.stdout.write(`${new Date().toISOString()} ${line.replaceAll('\n', ' ')}\n`)
}
