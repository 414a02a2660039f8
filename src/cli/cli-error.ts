/** A failure that is the user's to mend, shown as one line on stderr. Exit code 2 means wrong usage. */
export class CliError extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.name = 'CliError'
    this.exitCode = exitCode
  }
}
