/** Runs: done again, and ended. */
import type { Endpoint } from '../endpoint.js';
import { TriggerAnswer } from '../answers/jobs.js';
import { CancelRunAnswer } from '../answers/runs.js';
import { JOB_ID, RUN_ID } from '../examples.js';
import { CancelRun, Nothing } from '../messages.js';
import { RunPath } from '../queries.js';
import { RedriveAnswer, RedriveRuns, StopRedrivesAnswer } from '../redrive.js';

export const runCommandEndpoints = {
  retryRun: {
    method: 'post',
    path: '/api/jobs/:jobId/runs/:runId/retry',
    permission: 'job:operate',
    summary: 'Do the work of a run that has ended again, as a run of its own',
    params: RunPath,
    body: Nothing,
    bodyOptional: true,
    ok: { status: 202, schema: TriggerAnswer, headers: ['Location'] },
    refusals: ['job_not_found', 'run_not_found', 'conflict'],
    examples: { body: {}, answer: { jobId: JOB_ID, runId: RUN_ID, status: 'triggered' } },
  },
  redriveRuns: {
    method: 'post',
    path: '/api/runs/redrive',
    permission: 'job:operate',
    summary: 'Retry the runs of a filter that failed, so many a minute; count them first with dryRun',
    body: RedriveRuns,
    ok: { status: 202, schema: RedriveAnswer },
    examples: {
      body: { from: '2026-12-01T00:00:00Z', errorCode: 'http_status', perMinute: 120, dryRun: true },
      answer: { count: 240, notRetryable: 3, dryRun: true, perMinute: 120, until: '2026-12-01T09:32:00.000Z' },
    },
  },
  stopRedrives: {
    method: 'delete',
    path: '/api/runs/redrive',
    permission: 'job:operate',
    summary: 'Stop the redrives of the project: what was not put to work yet stays as it ended',
    ok: { status: 200, schema: StopRedrivesAnswer },
    examples: { answer: { count: 180 } },
  },
  cancelRun: {
    method: 'post',
    path: '/api/jobs/:jobId/runs/:runId/cancel',
    permission: 'job:operate',
    summary: 'End one run, and leave its job as it is; doing it again changes nothing',
    params: RunPath,
    body: CancelRun,
    bodyOptional: true,
    ok: { status: 202, schema: CancelRunAnswer },
    refusals: ['job_not_found', 'run_not_found', 'conflict'],
    examples: {
      body: { reason: 'It runs against the wrong server.' },
      answer: { jobId: JOB_ID, runId: RUN_ID, status: 'cancelling' },
    },
  },
} as const satisfies Record<string, Endpoint>;
