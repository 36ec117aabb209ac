/** Schedules: of the past, explained, imported, looked at before. */
import type { Endpoint } from '../endpoint.js';
import { BackfillAnswer, ExplainAnswer, PreviewAnswer } from '../answers/schedules.js';
import { fire, JOB_ID, run, submission, understoodAs } from '../examples.js';
import { CrontabText, ImportAnswer, ImportQuery } from '../import.js';
import { Backfill, PreviewSchedule } from '../messages.js';
import { ExplainQuery, JobPath } from '../queries.js';

export const scheduleEndpoints = {
  backfillJob: {
    method: 'post',
    path: '/api/jobs/:jobId/backfill',
    permission: 'job:operate',
    summary: 'Run the fires of a stretch of the past that have not run; count them first with dryRun',
    params: JobPath,
    body: Backfill,
    ok: { status: 202, schema: BackfillAnswer },
    refusals: ['job_not_found', 'conflict'],
    examples: {
      body: { from: '2026-11-01T00:00:00Z', to: '2026-11-07T00:00:00Z', dryRun: true },
      answer: { jobId: JOB_ID, count: 6, alreadyRan: 0, dryRun: true },
    },
  },
  explainJob: {
    method: 'get',
    path: '/api/jobs/:jobId/explain',
    permission: 'job:read',
    summary: 'Why a job did, did not, or will run: at an instant, or next',
    params: JobPath,
    query: ExplainQuery,
    ok: { status: 200, schema: ExplainAnswer },
    refusals: ['job_not_found'],
    examples: {
      answer: {
        jobId: JOB_ID,
        at: run.scheduledFor,
        code: 'ran',
        sentence: 'It ran and completed, after 409 ms and 2 attempts.',
        understoodAs,
        fire: { scheduledFor: run.scheduledFor, effectiveAt: run.scheduledFor, local: '2026-12-01T09:30:00+00:00' },
        notes: [],
        run,
        before: '2026-11-30T09:30:00.000Z',
        after: '2026-12-02T09:30:00.000Z',
      },
    },
  },
  importJobs: {
    method: 'post',
    path: '/api/jobs/import',
    permission: 'job:submit',
    summary: 'Import a crontab: each line a job, all of them or none; look at it first with dryRun=true',
    query: ImportQuery,
    body: CrontabText,
    bodyType: 'text/plain',
    ok: { status: 200, schema: ImportAnswer },
    refusals: ['quota_exceeded'],
    examples: {
      body: 'CRON_TZ=Europe/Lisbon\n# Morning report\n30 9 * * 1-5 curl -fsS https://example.com/report\n',
      answer: {
        dryRun: false,
        jobs: [
          {
            line: 3,
            jobId: JOB_ID,
            jobName: 'Morning report',
            frequency: '30 9 * * 1-5',
            timezone: 'Europe/Lisbon',
            handler: 'http',
            payload: { method: 'GET', url: 'https://example.com/report' },
            understoodAs,
            nextRunAt: '2026-12-02T09:30:00.000Z',
            notes: [],
          },
        ],
        problems: [],
      },
    },
  },
  previewSchedule: {
    method: 'post',
    path: '/api/schedules/preview',
    permission: 'job:read',
    summary: 'What a schedule means, and its next fires',
    body: PreviewSchedule,
    changesNothing: true,
    ok: { status: 200, schema: PreviewAnswer },
    examples: {
      body: { frequency: submission.frequency, timezone: submission.timezone, after: '2026-12-01T12:00:00Z', count: 1 },
      answer: {
        understoodAs,
        fires: [fire],
      },
    },
  },
} as const satisfies Record<string, Endpoint>;
