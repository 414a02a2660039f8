import { type BadRequest, refusedLogs } from './api-bad-input.ts'

const group = { logGroupName: '/aws/batch/job' }

/** Requests of CloudWatch Logs whose body or input is wrong. */
export const badLogsInputs: [string, BadRequest][] = [
  [
    'an unknown log stream',
    refusedLogs(
      'GetLogEvents',
      { ...group, logStreamName: 'x' },
      'ResourceNotFoundException',
      'does not exist',
    ),
  ],
  [
    'an unknown log group',
    refusedLogs('DescribeLogStreams', { logGroupName: 'x' }, 'ResourceNotFoundException', 'log group'),
  ],
  [
    'no log stream',
    refusedLogs('GetLogEvents', group, 'InvalidParameterException', 'logStreamName: required'),
  ],
  [
    'no log event',
    refusedLogs(
      'GetLogEvents',
      { ...group, logStreamName: 'x', limit: 0 },
      'InvalidParameterException',
      'limit',
    ),
  ],
  [
    'a search without group',
    refusedLogs('FilterLogEvents', {}, 'InvalidParameterException', 'logGroupName: exactly one'),
  ],
  [
    'a search by JSON pattern',
    refusedLogs(
      'FilterLogEvents',
      { ...group, filterPattern: '{$.a=1}' },
      'InvalidParameterException',
      'JSON patterns',
    ),
  ],
  [
    'an unknown page of a search',
    refusedLogs('FilterLogEvents', { ...group, nextToken: 'x' }, 'InvalidParameterException', 'nextToken'),
  ],
  [
    'a search of 101 streams',
    refusedLogs(
      'FilterLogEvents',
      { ...group, logStreamNames: Array(101).fill('x') },
      'InvalidParameterException',
      'logStreamNames: must have at most 100 entries',
    ),
  ],
  [
    'a search of an unknown group',
    refusedLogs('FilterLogEvents', { logGroupName: 'x' }, 'ResourceNotFoundException', 'log group'),
  ],
  [
    'groups by prefix and pattern',
    refusedLogs(
      'DescribeLogGroups',
      { logGroupNamePrefix: 'a', logGroupNamePattern: 'a' },
      'InvalidParameterException',
      'logGroupNamePattern: cannot be combined',
    ),
  ],
  [
    'too many groups',
    refusedLogs('DescribeLogGroups', { limit: 51 }, 'InvalidParameterException', 'limit: must be at most 50'),
  ],
  ['broken JSON for logs', refusedLogs('GetLogEvents', '{', 'SerializationException', 'must be JSON')],
  [
    'an unknown logs operation',
    refusedLogs('PutLogEvents', {}, 'UnknownOperationException', 'not recognized'),
  ],
  [
    'a live tail of nothing',
    refusedLogs('StartLiveTail', {}, 'InvalidParameterException', 'logGroupIdentifiers: required'),
  ],
  [
    'a live tail of an unknown group',
    refusedLogs('StartLiveTail', { logGroupIdentifiers: ['x'] }, 'ResourceNotFoundException', 'log group'),
  ],
  [
    'a live tail of streams of two groups',
    refusedLogs(
      'StartLiveTail',
      { logGroupIdentifiers: ['x', 'y'], logStreamNames: ['z'] },
      'InvalidParameterException',
      'logGroupIdentifiers: must have one entry',
    ),
  ],
  [
    'a live tail by names and prefixes',
    refusedLogs(
      'StartLiveTail',
      { logGroupIdentifiers: ['x'], logStreamNames: ['z'], logStreamNamePrefixes: ['z'] },
      'InvalidParameterException',
      'logStreamNamePrefixes: cannot be combined',
    ),
  ],
]
