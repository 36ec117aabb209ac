/** What the examples of several calls show: one job, and its run of one day. */

export const JOB_ID = '0198c0de-7a1b-7c3d-8e4f-1234567890ab';
export const RUN_ID = '0198c0de-7a1b-7c3d-8e4f-ba0987654321';

const KEY_ID = '62lgpbfc7dwf63dc';
const NODE = 'worker-1-4711-9f3a2c';

export const submission = {
  jobName: 'Morning report',
  jobType: 'recurring',
  frequency: '30 9 * * MON-FRI',
  timezone: 'Europe/Lisbon',
  handler: 'http',
  payload: { method: 'POST', url: 'https://example.com/report' },
} as const;

export const understoodAs = 'every weekday at 09:30, Europe/Lisbon time';

export const fire = { local: '2026-12-02T09:30:00+00:00', utc: '2026-12-02T09:30:00.000Z', notes: [] } as const;

const lastRun = {
  runId: RUN_ID,
  scheduledFor: '2026-12-01T09:30:00.000Z',
  startedAt: '2026-12-01T09:30:00.003Z',
  finishedAt: '2026-12-01T09:30:00.412Z',
  outcome: 'completed',
} as const;

export const standing = {
  jobId: JOB_ID,
  status: 'pending',
  lastUpdated: '2026-12-01T09:30:00.412Z',
  nextRunAt: '2026-12-02T09:30:00.000Z',
  lastRun,
} as const;

export const summary = {
  jobId: JOB_ID,
  jobName: 'Morning report',
  jobType: 'recurring',
  status: 'pending',
  executionTime: '2026-12-02T09:30:00.000Z',
  frequency: '30 9 * * MON-FRI',
  timezone: 'Europe/Lisbon',
  priority: 'medium',
  handler: 'http',
  tags: ['reports'],
  createdAt: '2026-11-20T16:12:44.018Z',
  lastUpdated: '2026-12-01T09:30:00.412Z',
} as const;

const { executionTime: _, ...unchanging } = summary;

export const job = {
  ...unchanging,
  understoodAs,
  overlap: 'skip',
  catchUp: { policy: 'last', window: 'PT1H' },
  payload: submission.payload,
  pool: 'default',
  timeout: 'PT30S',
  retry: { maxAttempts: 3, initialInterval: 'PT1S', backoffCoefficient: 2, maxInterval: 'PT1M' },
  nextRunAt: standing.nextRunAt,
  lastRun,
  runCount: 8,
  failureCount: 0,
  generation: 1,
  createdBy: KEY_ID,
} as const;

export const run = {
  jobId: JOB_ID,
  trigger: 'schedule',
  ...lastRun,
  fireCount: 1,
  attempts: 2,
  generation: 1,
  result: { status: 200 },
  node: NODE,
} as const;

export const attemptList = [
  {
    attempt: 1,
    startedAt: '2026-12-01T09:30:00.003Z',
    finishedAt: '2026-12-01T09:30:00.101Z',
    outcome: 'failed',
    error: { code: 'http_status', message: 'The server answered 503 Service Unavailable.' },
    node: NODE,
  },
  {
    attempt: 2,
    startedAt: '2026-12-01T09:30:00.305Z',
    finishedAt: '2026-12-01T09:30:00.412Z',
    outcome: 'completed',
    node: NODE,
  },
] as const;

export const node = {
  node: NODE,
  role: 'all',
  pools: ['default'],
  version: '0.1.0',
  status: 'up',
  startedAt: '2026-12-01T08:00:00.000Z',
  lastSeenAt: '2026-12-01T09:30:02.117Z',
  load: { running: 12, waiting: 0, held: 31, places: 100, cpu: 37, memory: 54 },
} as const;

export const handler = {
  name: 'log',
  description: 'Writes its payload to the log of the run.',
  payloadSchema: { $schema: 'https://json-schema.org/draft/2020-12/schema' },
  defaults: {
    timeout: 'PT30S',
    retry: { maxAttempts: 3, initialInterval: 'PT1S', backoffCoefficient: 2, maxInterval: 'PT1M' },
  },
  privileged: false,
  isolated: false,
} as const;

export const signingKey = {
  keyId: '0198c0de-7a1b-7c3d-8e4f-5de1f0a9b8c7',
  key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=',
  createdAt: '2026-12-01T09:30:00.000Z',
  createdBy: KEY_ID,
} as const;

export const project = {
  projectId: '0198c0de-7a1b-7c3d-8e4f-0123456789ab',
  slug: 'default',
  name: 'Default',
  weight: 1,
  maxRunningRuns: 50,
} as const;

const christmas = { month: 12, day: 25, name: 'Christmas Day' } as const;

export const calendarParts = { dates: ['2026-12-28'], recurring: [christmas] } as const;

const calendarFacts = { jobs: 3, lastUpdated: '2026-11-20T16:12:44.018Z', updatedBy: KEY_ID } as const;

export const calendar = { name: 'holidays', ...calendarParts, ...calendarFacts } as const;

export const calendarSummary = { name: 'holidays', entries: 2, ...calendarFacts } as const;
