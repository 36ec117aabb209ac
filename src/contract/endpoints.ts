import type { z } from 'zod';
import type { ErrorCode } from '../domain/errors.js';
import type { Permission } from '../domain/permissions.js';
import * as messages from './messages.js';
import { JobPath, ListJobsQuery, ListLogsQuery, ListRunsQuery, RunPath } from './queries.js';

/** One call of the API: all that routing, permission, validation and the OpenAPI document need to know of it. */
export interface Endpoint {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
  /** Without it the call is 403. */
  readonly permission: Permission;
  readonly summary: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Nothing at all stands for `{}`. */
  readonly bodyOptional?: boolean;
  readonly ok: {
    readonly status: 200 | 201 | 202;
    readonly schema: z.ZodType;
    readonly headers?: readonly AnswerHeader[];
  };
  /** What can go wrong beyond what can at every call. */
  readonly refusals?: readonly ErrorCode[];
  readonly examples?: { readonly body?: unknown; readonly answer?: unknown };
}

export type AnswerHeader = 'Location' | 'ETag' | 'Link';

const JOB_ID = '0198c0de-7a1b-7c3d-8e4f-1234567890ab';
const RUN_ID = '0198c0de-7a1b-7c3d-8e4f-ba0987654321';

/** The one table of endpoints. */
export const endpoints = {
  submitJob: {
    method: 'post',
    path: '/api/jobs',
    permission: 'job:submit',
    summary: 'Submit a job',
    body: messages.SubmitJob,
    ok: { status: 201, schema: messages.JobCommandAnswer, headers: ['Location'] },
    examples: {
      body: {
        jobName: 'Morning report',
        jobType: 'recurring',
        frequency: '30 9 * * MON-FRI',
        timezone: 'Europe/Lisbon',
        handler: 'http',
        payload: { method: 'POST', url: 'https://example.com/report' },
      },
      answer: { jobId: JOB_ID, status: 'submitted' },
    },
  },
  getJobStatus: {
    method: 'get',
    path: '/api/jobs/:jobId/status',
    permission: 'job:read',
    summary: 'How a job stands',
    params: JobPath,
    ok: { status: 200, schema: messages.JobStatusAnswer },
    refusals: ['job_not_found'],
    examples: {
      answer: {
        jobId: JOB_ID,
        status: 'pending',
        lastUpdated: '2026-12-01T09:30:00.412Z',
        nextRunAt: '2026-12-02T09:30:00.000Z',
        lastRun: {
          runId: RUN_ID,
          scheduledFor: '2026-12-01T09:30:00.000Z',
          startedAt: '2026-12-01T09:30:00.003Z',
          finishedAt: '2026-12-01T09:30:00.412Z',
          outcome: 'completed',
        },
      },
    },
  },
  listJobs: {
    method: 'get',
    path: '/api/jobs',
    permission: 'job:read',
    summary: 'List jobs',
    query: ListJobsQuery,
    ok: { status: 200, schema: messages.JobSummary.array(), headers: ['Link'] },
  },
  getJob: {
    method: 'get',
    path: '/api/jobs/:jobId',
    permission: 'job:read',
    summary: 'The whole job',
    params: JobPath,
    ok: { status: 200, schema: messages.Job, headers: ['ETag'] },
    refusals: ['job_not_found'],
  },
  updateJob: {
    method: 'put',
    path: '/api/jobs/:jobId',
    permission: 'job:submit',
    summary: 'Change a job, from its next fire on',
    params: JobPath,
    body: messages.UpdateJob,
    ok: { status: 200, schema: messages.JobCommandAnswer },
    refusals: ['job_not_found', 'conflict'],
    examples: { body: { frequency: 'every 15 minutes' }, answer: { jobId: JOB_ID, status: 'updated' } },
  },
  cancelJob: {
    method: 'delete',
    path: '/api/jobs/:jobId',
    permission: 'job:operate',
    summary: 'End a job; cancelling it again changes nothing',
    params: JobPath,
    ok: { status: 200, schema: messages.JobCommandAnswer },
    refusals: ['job_not_found', 'conflict'],
    examples: { answer: { jobId: JOB_ID, status: 'cancelled' } },
  },
  pauseJob: {
    method: 'post',
    path: '/api/jobs/:jobId/pause',
    permission: 'job:operate',
    summary: 'Let no run begin on schedule until the job is resumed',
    params: JobPath,
    body: messages.PauseJob,
    bodyOptional: true,
    ok: { status: 200, schema: messages.JobCommandAnswer },
    refusals: ['job_not_found', 'conflict'],
    examples: { body: { reason: 'The target is being moved.' }, answer: { jobId: JOB_ID, status: 'paused' } },
  },
  resumeJob: {
    method: 'post',
    path: '/api/jobs/:jobId/resume',
    permission: 'job:operate',
    summary: 'End a pause',
    params: JobPath,
    body: messages.ResumeJob,
    bodyOptional: true,
    ok: { status: 200, schema: messages.ResumeAnswer },
    refusals: ['job_not_found', 'conflict'],
    examples: { body: { catchUp: 'last' }, answer: { jobId: JOB_ID, status: 'resumed', fires: 3, caughtUp: 1 } },
  },
  runJobNow: {
    method: 'post',
    path: '/api/jobs/:jobId/run',
    permission: 'job:operate',
    summary: 'Run a job now, beside its schedule; a payload of its own needs job:submit too',
    params: JobPath,
    body: messages.RunJobNow,
    bodyOptional: true,
    ok: { status: 202, schema: messages.TriggerAnswer, headers: ['Location'] },
    refusals: ['job_not_found', 'conflict'],
    examples: { answer: { jobId: JOB_ID, runId: RUN_ID, status: 'triggered' } },
  },
  listRuns: {
    method: 'get',
    path: '/api/jobs/:jobId/runs',
    permission: 'job:read',
    summary: 'The ledger of a job: each expected fire and what became of it, newest first',
    params: JobPath,
    query: ListRunsQuery,
    ok: { status: 200, schema: messages.Run.array(), headers: ['Link'] },
    refusals: ['job_not_found'],
  },
  getRun: {
    method: 'get',
    path: '/api/jobs/:jobId/runs/:runId',
    permission: 'job:read',
    summary: 'One run',
    params: RunPath,
    ok: { status: 200, schema: messages.Run },
    refusals: ['job_not_found', 'run_not_found'],
  },
  listLogs: {
    method: 'get',
    path: '/api/jobs/:jobId/logs',
    permission: 'payload:read',
    summary: 'What the runs of a job wrote, oldest first',
    params: JobPath,
    query: ListLogsQuery,
    ok: { status: 200, schema: messages.LogsAnswer, headers: ['Link'] },
    refusals: ['job_not_found'],
  },
} as const satisfies Record<string, Endpoint>;

export type Endpoints = typeof endpoints;
export type EndpointName = keyof Endpoints;
