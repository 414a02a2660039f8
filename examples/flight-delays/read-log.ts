import { setTimeout as sleep } from 'node:timers/promises'
import {
  type CloudWatchLogsClient,
  GetLogEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs'

/**
 * What a job has printed, from the start: its log stream is named in its `container.logStreamName`. The last lines
 * may arrive a moment after the job has ended, so it waits up to ten seconds for the number of lines asked for.
 */
export async function readLog(
  logs: CloudWatchLogsClient,
  logStreamName: string,
  lines: number,
  signal: AbortSignal,
): Promise<string[]> {
  const deadline = performance.now() + 10_000
  while (true) {
    const read = await readLogOnce(logs, logStreamName)
    if (read.length >= lines || performance.now() > deadline) return read
    await sleep(100, undefined, { signal })
  }
}

/** All pages: the end is reached when the token that comes back is the one that was sent. */
async function readLogOnce(logs: CloudWatchLogsClient, logStreamName: string): Promise<string[]> {
  const lines: string[] = []
  let nextToken: string | undefined
  try {
    while (true) {
      const page = await logs.send(
        new GetLogEventsCommand({
          logGroupName: '/aws/batch/job',
          logStreamName,
          startFromHead: true,
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      )
      lines.push(...(page.events ?? []).map((event) => event.message ?? ''))
      if (page.nextForwardToken === nextToken) return lines
      nextToken = page.nextForwardToken
    }
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return []
    throw error
  }
}
