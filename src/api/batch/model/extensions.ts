/**
 * What Longshore adds to the Batch API, in the model's own form (`model-types.ts`). Members join structures of the API or
 * make new ones, values join enumerations, operations have paths of their own. A client that does not use them sees
 * nothing of them. Each is described in docs/compatibility.md.
 */
export const extensionEnums = {
  ArrayJobDependency: ['AFTER_ANY', 'AFTER_FAILURE'],
  SearchFilterName: [
    'STATUS',
    'JOB_NAME',
    'JOB_DEFINITION',
    'SHARE_IDENTIFIER',
    'TAG',
    'STATUS_REASON',
    'EXIT_CODE',
    'BEFORE_CREATED_AT',
    'AFTER_CREATED_AT',
    'BEFORE_STARTED_AT',
    'AFTER_STARTED_AT',
    'BEFORE_STOPPED_AT',
    'AFTER_STOPPED_AT',
  ],
} as const

export const extensionStructures = {
  ArrayProperties: { indexes: 'String', maxConcurrency: 'Integer' },
  ArrayPropertiesDetail: { indexes: 'String', maxConcurrency: 'Integer' },
  SubmitJobRequest: { clientToken: 'String' },
  JobDependency: { entry: 'Integer' },
  SubmitJobsRequest: { jobQueue: 'String!', jobs: '[SubmitJobRequest]!', clientToken: 'String' },
  SubmitJobsResponse: { results: '[SubmitJobsResult]!' },
  SubmitJobsResult: { jobName: 'String', jobId: 'String', jobArn: 'String', error: 'SubmitJobsError' },
  SubmitJobsError: { code: 'String!', message: 'String!' },
  RerunJobRequest: { jobId: 'String!', jobName: 'String', clientToken: 'String' },
  SearchFilter: { name: 'SearchFilterName!', values: '[String]!' },
  SearchJobsRequest: {
    jobQueue: 'String!',
    filters: '[SearchFilter]',
    maxResults: 'Integer',
    nextToken: 'String',
  },
  SearchJobsResponse: { jobs: '[JobSummary]!', nextToken: 'String' },
} as const

export const extensionOperations = {
  SubmitJobs: {
    method: 'POST',
    path: '/v1/submitjobs',
    input: 'SubmitJobsRequest',
    output: 'SubmitJobsResponse',
  },
  RerunJob: { method: 'POST', path: '/v1/rerunjob', input: 'RerunJobRequest', output: 'SubmitJobResponse' },
  SearchJobs: {
    method: 'POST',
    path: '/v1/searchjobs',
    input: 'SearchJobsRequest',
    output: 'SearchJobsResponse',
  },
} as const
