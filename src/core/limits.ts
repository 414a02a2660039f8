/** Every bound of the product in one place. Sources: AWS Batch quotas where they exist; the rest is our own choice. */
export const limits = {
  /** A request body, bytes. */
  requestBytes: 1024 * 1024,
  /** Up to here the rest of a body that is too long is read and dropped, so that its sender gets an answer. */
  discardedRequestBytes: 16 * 1024 * 1024,
  /** AWS bounds SubmitJob at 30 KiB and a definition at 24 KiB; these leave room for how a client encodes them, and for 1,000 dependencies. */
  submitJobBytes: 128 * 1024,
  jobDefinitionBytes: 64 * 1024,
  nameLength: 128,
  arraySizeMin: 2,
  /** AWS: 10,000. */
  arraySize: 1_000_000,
  /** Entries of a bulk submit, and its body's bytes. */
  bulkSubmit: 1000,
  bulkSubmitBytes: 8 * 1024 * 1024,
  /** An idempotency token as a member, and as a header. */
  tokenLength: 64,
  tokenHeaderLength: 255,
  /** Ranges of ended children in one message between queues. */
  childRangesPerMessage: 32_768,
  /** Children, jobs that waited for others, or reports that one commit settles: it holds the queue up for less than 20 ms. */
  childrenPerCommit: 256,
  waitersPerCommit: 128,
  reportsPerCommit: 128,
  /** Attempts of lost hosts that an environment sees to in one turn; of one host all. */
  lossesPerTurn: 500,
  /** AWS: 20. */
  dependenciesPerJob: 1000,
  describeJobs: 100,
  /** CancelJobs, TerminateJobs. */
  stopJobs: 50,
  describeResources: 100,
  reasonLength: 1024,
  containerReasonLength: 255,
  tagsPerResource: 50,
  tagKeyLength: 128,
  tagValueLength: 256,
  nodes: 1000,
  nodeGroups: 5,
  attempts: 10,
  /** An attempt of a higher number is not preempted: an attempt's id has room for 255. */
  preemptions: 100,
  containersPerTask: 10,
  /** Images that a host tells it has, and characters of the name of one. */
  hostImages: 100,
  imageReferenceLength: 512,
  evaluateOnExit: 5,
  environmentsPerQueue: 3,
  queues: 50,
  environments: 50,
  schedulingPolicies: 500,
  /** A share identifier, and the segments of one that is a path. */
  shareIdentifierLength: 255,
  shareLevels: 5,
  /** Entries of a fair-share policy: as many as a queue may have active shares. */
  shareDistribution: 500,
  /** Environments a queue remembers to have had. */
  formerEnvironments: 500,
  /** Deleted environments whose agents may still come back to finish. */
  deletedEnvironments: 100,
  /** A definition as stored, bytes of JSON. */
  jobDefinitionStoredBytes: 24 * 1024,
  consumableResources: 50_000,
  consumablesPerJob: 50,
  /** Holders in one request that gives back. */
  releaseBatch: 1000,
  /** UpdateConsumableResource's tokens are remembered this long (AWS: 8 hours). */
  clientTokenMs: 8 * 60 * 60_000,
  /** Of the JSON of a job's overrides. Commands are not counted: a request may hold one of 30 KiB. */
  containerOverridesLength: 8192,
  schedulingPriority: 9999,
  attemptDurationSecondsMin: 60,
  /** The longest grace that a container may be given (Amazon ECS, `stopTimeout`). */
  stopTimeoutSeconds: 120,
  /** Share identifiers of one queue with jobs that wait, run or have run of late. */
  activeShares: 500,
  /** Jobs that a tick looks at behind one for which there is no room. */
  backfillWindow: 256,
  /** Jobs of one share among these that find no room, at least: it has its part of the window, and then others have their turn. */
  backfillOfShare: 8,
  /** Jobs that wait, and attempts of them, that a simulation of a queue goes through: the first in its order. */
  simulatedJobs: 1_000,
  simulatedAttempts: 10_000,
  /** Hosts that a question may add, and how long it may say that a job runs, seconds. */
  addedHosts: 10_000,
  /** Conditions of one search, and values of one condition. */
  searchFilters: 20,
  /** Jobs that a job waits for, in its explanation. */
  explainedDependencies: 100,
  listJobsPage: 1000,
  /** GetJobQueueSnapshot: jobs at the head, shares by what they use. */
  snapshotJobs: 100,
  snapshotShares: 20,
  listJobsFilteredPage: 100,
  /** AWS shows ended jobs for 7 days or more; an operator may choose less, but not what surprises a client that waits. */
  historyDaysMin: 1,
  /** Submits that share one commit. */
  submitGroup: 256,
  /** Attempts in one request to place, and so in one start message. */
  placeBatch: 128,
  /** One text message on an agent's socket, bytes (Workers accept 1 MiB). */
  agentMessageBytes: 900 * 1024,
  /** One log event, bytes; a longer line is cut into several events (CloudWatch Logs allows 256 KiB). */
  logEventBytes: 256 * 1024,
  /** Events and bytes of one batch of log lines. */
  logBatchEvents: 10_000,
  logBatchBytes: 256 * 1024,
  /** GetLogEvents' page (CloudWatch Logs: 10,000 events or 1 MiB). */
  logPageEvents: 10_000,
  logPageBytes: 1024 * 1024,
  /** DescribeLogStreams' and DescribeLogGroups' page. */
  describeLogStreams: 50,
  describeLogGroups: 50,
  /** Streams, or prefixes of streams, in one search or live tail. */
  logStreamsNamed: 100,
  /** What a store reads for one page of a search beyond the chunks that hold the moment it begins at, UTF-16 units. */
  logSearchSize: 8 * 1024 * 1024,
  logFilterPatternLength: 1024,
  /**
   * StartLiveTail: groups in one, lines in one update (each second), how long one lasts, how long a store keeps one
   * that does not ask, and how many it serves.
   */
  liveTailGroups: 10,
  liveTailEvents: 500,
  liveTailMs: 3 * 3_600_000,
  liveTailSilenceMs: 10_000,
  liveTails: 100,
  /** Log stores that the streams are spread over. Never lowered: it would lose streams. */
  logShards: 4,
} as const
