import type { JobRecord } from '../../src/store/job-record.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const NINE = Date.parse('2027-03-01T09:00:00Z');

/** An hourly job whose run of nine o'clock is under way, but for what is given. */
export const job = (given: Partial<JobRecord> = {}): JobRecord => ({
  id: '01900000-0000-7000-8000-000000000001',
  projectId: '00000000-0000-7000-8000-000000000001',
  name: 'job',
  type: 'recurring',
  handler: 'log',
  payload: undefined,
  priority: 'medium',
  tags: [],
  pool: 'default',
  executionTime: null,
  frequency: 'every 1 hour',
  timezone: 'UTC',
  schedule: {},
  calendars: [],
  maxRuns: null,
  overlap: 'skip',
  catchUp: { policy: 'last', windowMs: HOUR },
  timeoutMs: 1_000,
  deadlineMs: null,
  concurrency: null,
  after: null,
  projectLimit: null,
  retry: { maxAttempts: 1, initialIntervalMs: 0, backoffCoefficient: 1, maxIntervalMs: 0 },
  generation: 1,
  scheduleGeneration: 1,
  pauseReason: null,
  pauseUntil: null,
  status: 'running',
  statusNumber: 2,
  runningRuns: 1,
  settledUntil: NINE,
  catchUpUntil: null,
  next: fire(NINE + HOUR),
  settleAt: null,
  lastRunId: null,
  runCount: 1,
  scheduleRunCount: 1,
  failureCount: 0,
  createdBy: 'test',
  createdAt: 0,
  updatedAt: 0,
  weight: 1,
  ...given,
});

/** A fire that begins at its instant. */
export function fire(fireAt: number): { fireAt: number; runAt: number } {
  return { fireAt, runAt: fireAt };
}
