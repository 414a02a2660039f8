import { parseArgs } from 'node:util'
import type { AgentOptions } from '../agent/run-agent.ts'
import { limits } from '../core/limits.ts'
import { type BaselineName, baselineNames } from '../core/simulation/named-policies.ts'
import type { SwfOwner } from '../core/simulation/swf.ts'
import { CliError } from './cli-error.ts'
import type { helpTexts } from './help.ts'

export type DevOptions = {
  host: string
  /** 0 takes a free port. */
  port: number
  /** As the user wrote it. */
  dataDirectory: string
  agent: boolean
  /** For how many days ended jobs stay to be looked at. */
  historyDays?: number
  runtime?: 'docker' | 'process'
  vcpus?: number
  memoryMiB?: number
  injectEnvironment: Record<string, string>
}

export type ExplainOptions = {
  jobId: string
  url: string
  token: string
  /** The API's answer as it is, instead of text. */
  json: boolean
}

export type ReplayOptions = {
  file: string
  /** JSON file of what the queue is told; without one it is first come, first served, with backfilling. */
  policy?: string
  /** vCPUs of the machine; without it what the trace says of itself. */
  processors?: number
  /** `strict` is Longshore with the same policy that lets nobody by. */
  against: (BaselineName | 'strict')[]
  owner: SwfOwner
  /** Figures as JSON instead of a table. */
  json: boolean
}

export type Command =
  | { name: 'help'; topic: keyof typeof helpTexts }
  | { name: 'version' }
  | { name: 'dev'; options: DevOptions }
  | { name: 'agent'; options: AgentOptions }
  | { name: 'explain'; options: ExplainOptions }
  | { name: 'replay'; options: ReplayOptions }

const text = { type: 'string' } as const
const texts = { type: 'string', multiple: true } as const
const flag = { type: 'boolean' } as const
const hostFlags = {
  runtime: text,
  vcpus: text,
  'memory-mib': text,
  'inject-env': texts,
  data: text,
  help: flag,
}
const devFlags = { ...hostFlags, port: text, host: text, 'no-agent': flag, 'history-days': text }
const agentFlags = {
  ...hostFlags,
  url: text,
  token: text,
  environment: text,
  label: texts,
  'docker-network': text,
}
const explainFlags = { url: text, token: text, json: flag, help: flag }
const replayFlags = { policy: text, processors: text, against: text, owner: text, json: flag, help: flag }

/**
 * Reads a command line, without the program's own name. The agent token may come from LONGSHORE_AGENT_TOKEN, which
 * unlike an argument does not show in the process list. Throws CliError with exit code 2, naming what is wrong.
 */
export function parseCommand(argv: string[], environment: Record<string, string | undefined>): Command {
  const [name, ...rest] = argv
  switch (name) {
    case undefined:
      throw usage("a command is missing: 'dev', 'agent', 'explain' or 'replay'")
    case '--help':
    case '-h':
    case 'help':
      return { name: 'help', topic: 'general' }
    case '--version':
    case '-v':
      return { name: 'version' }
    case 'dev':
      return parseDev(rest)
    case 'agent':
      return parseAgent(rest, environment)
    case 'explain':
      return parseExplain(rest, environment)
    case 'replay':
      return parseReplay(rest)
    default:
      throw usage(`unknown command '${name}'`)
  }
}

function parseDev(argv: string[]): Command {
  const flags = parseFlags(argv, devFlags)
  if (flags.help) return { name: 'help', topic: 'dev' }
  const options: DevOptions = {
    host: flags.host ?? '127.0.0.1',
    port: wholeNumber('--port', flags.port ?? '8787', 0, 65535),
    dataDirectory: present('--data', flags.data ?? '.longshore'),
    agent: flags['no-agent'] !== true,
    injectEnvironment: keyValues('--inject-env', flags['inject-env']),
    ...hostOptions(flags),
    ...(flags['history-days'] === undefined
      ? {}
      : { historyDays: wholeNumber('--history-days', flags['history-days'], limits.historyDaysMin, 36_500) }),
  }
  return { name: 'dev', options }
}

function parseAgent(argv: string[], environment: Record<string, string | undefined>): Command {
  const flags = parseFlags(argv, agentFlags)
  if (flags.help) return { name: 'help', topic: 'agent' }
  const options: AgentOptions = {
    url: serverUrl('--url', flags.url),
    token: present('--token (or LONGSHORE_AGENT_TOKEN)', flags.token ?? environment.LONGSHORE_AGENT_TOKEN),
    environment: flags.environment ?? 'local',
    dataDirectory: present('--data', flags.data ?? '.longshore-agent'),
    injectEnvironment: keyValues('--inject-env', flags['inject-env']),
    labels: keyValues('--label', flags.label),
    ...hostOptions(flags),
    ...(flags['docker-network'] === undefined ? {} : { dockerNetwork: flags['docker-network'] }),
  }
  return { name: 'agent', options }
}

function parseExplain(argv: string[], environment: Record<string, string | undefined>): Command {
  const { flags, positionals } = parseArguments(argv, explainFlags)
  if (flags.help) return { name: 'help', topic: 'explain' }
  if (positionals.length > 1) throw usage(`one job at a time, not '${positionals.join(' ')}'`)
  const options: ExplainOptions = {
    jobId: present('the id of a job', positionals[0]),
    url: serverUrl('--url (or LONGSHORE_URL)', flags.url ?? environment.LONGSHORE_URL),
    token: present('--token (or LONGSHORE_TOKEN)', flags.token ?? environment.LONGSHORE_TOKEN),
    json: flags.json === true,
  }
  return { name: 'explain', options }
}

function parseReplay(argv: string[]): Command {
  const { flags, positionals } = parseArguments(argv, replayFlags)
  if (flags.help) return { name: 'help', topic: 'replay' }
  if (positionals.length > 1) throw usage(`one file at a time, not '${positionals.join(' ')}'`)
  const { policy, processors, against = 'easy,fifo', owner = 'user' } = flags
  const options: ReplayOptions = {
    file: present('a trace or a history', positionals[0]),
    against: against.split(',').map((name) => oneOf('--against', name, [...baselineNames, 'strict'])),
    owner: oneOf('--owner', owner, ['user', 'group', 'queue']),
    json: flags.json === true,
    ...(policy === undefined ? {} : { policy: present('--policy', policy) }),
    ...(processors === undefined
      ? {}
      : { processors: wholeNumber('--processors', processors, 1, 10_000_000) }),
  }
  return { name: 'replay', options }
}

function oneOf<Name extends string>(flag: string, value: string, names: Name[]): Name {
  const known = names.find((name) => name === value)
  if (known === undefined) throw usage(`${flag} must be one of ${names.join(', ')}, not '${value}'`)
  return known
}

type FlagTypes = NonNullable<Parameters<typeof parseArgs>[0]>['options'] & {}

function parseFlags<Flags extends FlagTypes>(argv: string[], options: Flags) {
  const { flags, positionals } = parseArguments(argv, options)
  if (positionals.length > 0) throw usage(`Unexpected argument '${positionals[0]}'`)
  return flags
}

function parseArguments<Flags extends FlagTypes>(argv: string[], options: Flags) {
  try {
    const { values, positionals } = parseArgs({ args: argv, options, strict: true, allowPositionals: true })
    return { flags: values, positionals }
  } catch (error) {
    throw usage((error as Error).message.split('. ')[0]!)
  }
}

function hostOptions(flags: { runtime?: string; vcpus?: string; 'memory-mib'?: string }) {
  const { runtime, vcpus, 'memory-mib': memory } = flags
  if (runtime !== undefined && runtime !== 'docker' && runtime !== 'process') {
    throw usage(`--runtime must be docker or process, not '${runtime}'`)
  }
  return {
    ...(runtime === undefined ? {} : { runtime }),
    ...(vcpus === undefined ? {} : { vcpus: vcpuCount(vcpus) }),
    ...(memory === undefined ? {} : { memoryMiB: wholeNumber('--memory-mib', memory, 4, 2 ** 40) }),
  } satisfies Pick<DevOptions, 'runtime' | 'vcpus' | 'memoryMiB'>
}

function vcpuCount(value: string): number {
  if (!/^\d{1,6}(\.\d{1,3})?$/.test(value) || Number(value) === 0) {
    throw usage(`--vcpus must be a number above 0, such as 8 or 0.5, not '${value}'`)
  }
  return Number(value)
}

function wholeNumber(name: string, value: string, least: number, most: number): number {
  if (!/^\d{1,15}$/.test(value) || Number(value) < least || Number(value) > most) {
    throw usage(`${name} must be a whole number from ${least} to ${most}, not '${value}'`)
  }
  return Number(value)
}

function keyValues(name: string, values: string[] = []): Record<string, string> {
  const pairs = values.map((value): [string, string] => {
    const match = /^([A-Za-z_][A-Za-z0-9_.-]*)=(.*)$/s.exec(value)
    if (!match) throw usage(`${name} must be of the form NAME=VALUE, not '${value}'`)
    return [match[1]!, match[2]!]
  })
  return Object.fromEntries(pairs)
}

function serverUrl(name: string, value: string | undefined): string {
  const url = present(name, value)
  const protocol = URL.canParse(url) ? new URL(url).protocol : undefined
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw usage(`${name} must be an http or https address, not '${url}'`)
  }
  return url
}

function present(name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw usage(`${name} is missing`)
  return value
}

function usage(message: string): CliError {
  return new CliError(`${message} (see longshore --help)`, 2)
}
