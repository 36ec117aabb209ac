/** Jobs: submitted, read, changed. */
import type { Endpoint } from '../endpoint.js';
import { JobCommandAnswer, JobStatusAnswer, JobSummary, Job, ResumeAnswer, TriggerAnswer } from '../answers/jobs.js';
import { UpdateAnswer } from '../answers/schedules.js';
import { job, JOB_ID, RUN_ID, standing, submission, summary } from '../examples.js';
import { PauseJob, ResumeJob, RunJobNow, SubmitJob, UpdateJob } from '../messages.js';
import { JobPath, ListJobsQuery, UpdateJobQuery } from '../queries.js';

export const jobEndpoints = {
  submitJob: {
    method: 'post',
    path: '/api/jobs',
    permission: 'job:submit',
    summary: 'Submit a job',
    body: SubmitJob,
    ok: { status: 201, schema: JobCommandAnswer, headers: ['Location'] },
    examples: {
      body: submission,
      answer: { jobId: JOB_ID, status: 'submitted' },
    },
  },
  getJobStatus: {
    method: 'get',
    path: '/api/jobs/:jobId/status',
    permission: 'job:read',
    summary: 'How a job stands',
    params: JobPath,
    ok: { status: 200, schema: JobStatusAnswer },
    refusals: ['job_not_found'],
    examples: {
      answer: standing,
    },
  },
  listJobs: {
    method: 'get',
    path: '/api/jobs',
    permission: 'job:read',
    summary: 'List jobs',
    query: ListJobsQuery,
    ok: { status: 200, schema: JobSummary.array(), headers: ['Link'] },
    examples: { answer: [summary] },
  },
  getJob: {
    method: 'get',
    path: '/api/jobs/:jobId',
    permission: 'job:read',
    summary: 'The whole job',
    params: JobPath,
    ok: { status: 200, schema: Job, headers: ['ETag'] },
    refusals: ['job_not_found'],
    examples: { answer: job },
  },
  updateJob: {
    method: 'put',
    path: '/api/jobs/:jobId',
    permission: 'job:submit',
    summary: 'Change a job, from its next fire on; with preview=true, tell what that would do',
    params: JobPath,
    query: UpdateJobQuery,
    body: UpdateJob,
    ok: { status: 200, schema: UpdateAnswer },
    refusals: ['job_not_found', 'conflict'],
    examples: { body: { frequency: 'every 15 minutes' }, answer: { jobId: JOB_ID, status: 'updated' } },
  },
  cancelJob: {
    method: 'delete',
    path: '/api/jobs/:jobId',
    permission: 'job:operate',
    summary: 'End a job; cancelling it again changes nothing',
    params: JobPath,
    ok: { status: 200, schema: JobCommandAnswer },
    refusals: ['job_not_found', 'conflict'],
    examples: { answer: { jobId: JOB_ID, status: 'cancelled' } },
  },
  pauseJob: {
    method: 'post',
    path: '/api/jobs/:jobId/pause',
    permission: 'job:operate',
    summary: 'Let no run begin on schedule until the job is resumed',
    params: JobPath,
    body: PauseJob,
    bodyOptional: true,
    ok: { status: 200, schema: JobCommandAnswer },
    refusals: ['job_not_found', 'conflict'],
    examples: { body: { reason: 'The target is being moved.' }, answer: { jobId: JOB_ID, status: 'paused' } },
  },
  resumeJob: {
    method: 'post',
    path: '/api/jobs/:jobId/resume',
    permission: 'job:operate',
    summary: 'End a pause',
    params: JobPath,
    body: ResumeJob,
    bodyOptional: true,
    ok: { status: 200, schema: ResumeAnswer },
    refusals: ['job_not_found', 'conflict'],
    examples: { body: { catchUp: 'last' }, answer: { jobId: JOB_ID, status: 'resumed', fires: 3, caughtUp: 1 } },
  },
  runJobNow: {
    method: 'post',
    path: '/api/jobs/:jobId/run',
    permission: 'job:operate',
    summary: 'Run a job now, beside its schedule; a payload of its own needs job:submit too',
    params: JobPath,
    body: RunJobNow,
    bodyOptional: true,
    ok: { status: 202, schema: TriggerAnswer, headers: ['Location'] },
    refusals: ['job_not_found', 'conflict'],
    examples: {
      body: { payload: { method: 'POST', url: 'https://example.com/report?again=true' } },
      answer: { jobId: JOB_ID, runId: RUN_ID, status: 'triggered' },
    },
  },
} as const satisfies Record<string, Endpoint>;
