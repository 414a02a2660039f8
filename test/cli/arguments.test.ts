import { describe, expect, it } from 'vitest'
import { parseCommand } from '../../src/cli/arguments.ts'
import { CliError } from '../../src/cli/cli-error.ts'

const parse = (line: string, environment = {}) =>
  parseCommand(line === '' ? [] : line.split(' '), environment)

describe('parseCommand', () => {
  it('gives dev its defaults', () => {
    expect(parse('dev')).toEqual({
      name: 'dev',
      options: {
        host: '127.0.0.1',
        port: 8787,
        dataDirectory: '.longshore',
        agent: true,
        injectEnvironment: {},
      },
    })
  })

  it('reads every option of dev', () => {
    const line =
      'dev --port 0 --host ::1 --data d --no-agent --runtime process --vcpus 0.5 --memory-mib 512 ' +
      '--history-days 30 ' +
      '--inject-env A=1 --inject-env B=x=y'
    expect(parse(line)).toEqual({
      name: 'dev',
      options: {
        host: '::1',
        port: 0,
        dataDirectory: 'd',
        agent: false,
        runtime: 'process',
        vcpus: 0.5,
        memoryMiB: 512,
        historyDays: 30,
        injectEnvironment: { A: '1', B: 'x=y' },
      },
    })
  })

  it('reads every option of agent', () => {
    const line =
      'agent --url https://example.org --token t --environment gpu --runtime docker --data d --inject-env A= ' +
      '--vcpus 64 --memory-mib 2048 --label zone=a --label rack=7 --docker-network jobs'
    expect(parse(line)).toEqual({
      name: 'agent',
      options: {
        url: 'https://example.org',
        token: 't',
        environment: 'gpu',
        runtime: 'docker',
        dataDirectory: 'd',
        injectEnvironment: { A: '' },
        vcpus: 64,
        memoryMiB: 2048,
        labels: { zone: 'a', rack: '7' },
        dockerNetwork: 'jobs',
      },
    })
  })

  it('takes the agent token from the environment unless it is an argument', () => {
    const environment = { LONGSHORE_AGENT_TOKEN: 'from environment' }
    expect(parse('agent --url http://h', environment)).toMatchObject({
      options: { token: 'from environment' },
    })
    expect(parse('agent --url http://h --token t', environment)).toMatchObject({ options: { token: 't' } })
  })

  it.each([
    ['--help', { name: 'help', topic: 'general' }],
    ['help', { name: 'help', topic: 'general' }],
    ['dev --help', { name: 'help', topic: 'dev' }],
    ['agent --help', { name: 'help', topic: 'agent' }],
    ['--version', { name: 'version' }],
  ])('understands %s', (line, command) => {
    expect(parse(line)).toEqual(command)
  })

  it.each([
    ['', "a command is missing: 'dev', 'agent', 'explain' or 'replay'"],
    ['serve', "unknown command 'serve'"],
    ['dev --prot 1', "Unknown option '--prot'"],
    ['dev extra', "Unexpected argument 'extra'"],
    ['dev --port', "Option '--port <value>' argument missing"],
    ['dev --port 65536', "--port must be a whole number from 0 to 65535, not '65536'"],
    ['dev --port http', "--port must be a whole number from 0 to 65535, not 'http'"],
    ['dev --runtime podman', "--runtime must be docker or process, not 'podman'"],
    ['dev --vcpus 0', "--vcpus must be a number above 0, such as 8 or 0.5, not '0'"],
    ['dev --vcpus many', "--vcpus must be a number above 0, such as 8 or 0.5, not 'many'"],
    ['dev --memory-mib 1.5', "--memory-mib must be a whole number from 4 to 1099511627776, not '1.5'"],
    ['dev --inject-env A', "--inject-env must be of the form NAME=VALUE, not 'A'"],
    ['dev --inject-env =A', "--inject-env must be of the form NAME=VALUE, not '=A'"],
    ['dev --data=', '--data is missing'],
    ['agent --token t', '--url is missing'],
    ['agent --url http://h', '--token (or LONGSHORE_AGENT_TOKEN) is missing'],
    ['agent --url h:1 --token t', "--url must be an http or https address, not 'h:1'"],
    ['agent --url http://h --token t --label x', "--label must be of the form NAME=VALUE, not 'x'"],
  ])("refuses 'longshore %s' as wrong usage", (line, message) => {
    expect(() => parse(line)).toThrow(new CliError(`${message} (see longshore --help)`, 2))
  })
})

describe('explain', () => {
  const environment = { LONGSHORE_URL: 'http://127.0.0.1:1', LONGSHORE_TOKEN: 'secret' }

  it('takes the id of a job, and where to ask from the environment', () => {
    expect(parseCommand(['explain', 'id-1:3'], environment)).toEqual({
      name: 'explain',
      options: { jobId: 'id-1:3', url: 'http://127.0.0.1:1', token: 'secret', json: false },
    })
  })

  it.each([
    [['explain'], /the id of a job is missing/],
    [['explain', 'a', 'b'], /one job at a time/],
    [['explain', 'a', '--url', 'ftp://x'], /must be an http or https address/],
  ])('refuses %j', (argv, message) => {
    expect(() => parseCommand(argv, environment)).toThrow(message)
  })

  it('says what is missing without the variables', () => {
    expect(() => parseCommand(['explain', 'a'], {})).toThrow(/LONGSHORE_URL/)
  })
})

describe('replay', () => {
  it('takes a file, and compares with EASY and first come, first served unless told otherwise', () => {
    expect(parseCommand(['replay', 'log.swf'], {})).toEqual({
      name: 'replay',
      options: { file: 'log.swf', against: ['easy', 'fifo'], owner: 'user', json: false },
    })
    const all = [
      '--policy',
      'p.json',
      '--processors',
      '64',
      '--against',
      'strict',
      '--owner',
      'group',
      '--json',
    ]
    expect(parseCommand(['replay', 'log.swf', ...all], {})).toEqual({
      name: 'replay',
      options: {
        file: 'log.swf',
        policy: 'p.json',
        processors: 64,
        against: ['strict'],
        owner: 'group',
        json: true,
      },
    })
  })

  it.each([
    [['replay'], /a trace or a history is missing/],
    [['replay', 'a', 'b'], /one file at a time/],
    [['replay', 'a', '--processors', '0'], /--processors must be a whole number from 1/],
    [['replay', 'a', '--against', 'easy,best'], /--against must be one of fifo, .*, strict, not 'best'/],
    [['replay', 'a', '--owner', 'boss'], /--owner must be one of user, group, queue, not 'boss'/],
  ])('refuses %j', (argv, message) => {
    expect(() => parseCommand(argv, {})).toThrow(message)
  })
})
