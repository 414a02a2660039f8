/** What expiry needs to know of a job. Times are epoch ms; a host's clock says when a job stopped. */
export type PastJob = {
  seq: number
  createdAt: number
  /** Absent: it has not ended. */
  stoppedAt?: number
  /** Rows its children take, if it is an array. */
  childRows: number
}

export type Expiry = {
  expired: PastJob[]
  /** There are more jobs to look at, behind this sequence number. */
  resumeAfter?: number
  /** Otherwise: when a job may next expire; absent when none is left. */
  nextAt?: number
}

/** Expired jobs are cleared away this often at most. */
export const sweepEveryMs = 6 * 3_600_000

/** Rows one slice of a clean-up deletes, but for a single array of more children. */
const rowsPerSlice = 1_000

/**
 * Which of `jobs` have been over for the whole of `historyMs`. They come in order of sequence, so of creation, and the
 * first that is younger than that ends the search. `whole`: nothing stands behind them.
 */
export function decideExpiry(
  jobs: Iterable<PastJob>,
  whole: boolean,
  { now, historyMs }: { now: number; historyMs: number },
): Expiry {
  const expired: PastJob[] = []
  let earliest = Number.POSITIVE_INFINITY
  let rows = 0
  let last: number | undefined
  for (const job of jobs) {
    const expiresAt = expiryOf(job, now) + historyMs
    if (expiresAt > now) earliest = Math.min(earliest, expiresAt)
    else if (rows > 0 && rows + 1 + job.childRows > rowsPerSlice) return { expired, resumeAfter: last! }
    else {
      expired.push(job)
      rows += 1 + job.childRows
    }
    last = job.seq
    if (job.createdAt + historyMs > now) return { expired, nextAt: Math.max(earliest, now + sweepEveryMs) }
  }
  if (!whole && last !== undefined) return { expired, resumeAfter: last }
  return earliest === Number.POSITIVE_INFINITY
    ? { expired }
    : { expired, nextAt: Math.max(earliest, now + sweepEveryMs) }
}

/** From when a job's time counts. One that has not ended counts from now; a clock that lags tells of ends before the start. */
function expiryOf({ createdAt, stoppedAt }: PastJob, now: number): number {
  return stoppedAt === undefined ? now : Math.max(createdAt, stoppedAt)
}
