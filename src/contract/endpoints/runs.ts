/** Runs: read. */
import type { Endpoint } from '../endpoint.js';
import { LogsAnswer, ProjectRun, Run, WholeRun } from '../answers/runs.js';
import { attemptList, JOB_ID, run, RUN_ID } from '../examples.js';
import { JobPath, ListLogsQuery, ListProjectRunsQuery, ListRunsQuery, RunPath } from '../queries.js';

export const runEndpoints = {
  listRuns: {
    method: 'get',
    path: '/api/jobs/:jobId/runs',
    permission: 'job:read',
    summary: 'The ledger of a job: each expected fire and what became of it, newest first',
    params: JobPath,
    query: ListRunsQuery,
    ok: { status: 200, schema: Run.array(), headers: ['Link'] },
    refusals: ['job_not_found'],
    examples: { answer: [run] },
  },
  listProjectRuns: {
    method: 'get',
    path: '/api/runs',
    permission: 'job:read',
    summary: 'The runs of all jobs of the project, newest first',
    query: ListProjectRunsQuery,
    ok: { status: 200, schema: ProjectRun.array(), headers: ['Link'] },
    examples: { answer: [{ ...run, jobName: 'Morning report' }] },
  },
  getRun: {
    method: 'get',
    path: '/api/jobs/:jobId/runs/:runId',
    permission: 'job:read',
    summary: 'One run, with its attempts',
    params: RunPath,
    ok: { status: 200, schema: WholeRun },
    refusals: ['job_not_found', 'run_not_found'],
    examples: { answer: { ...run, attemptList } },
  },
  listLogs: {
    method: 'get',
    path: '/api/jobs/:jobId/logs',
    permission: 'payload:read',
    summary: 'What the runs of a job wrote, oldest first',
    params: JobPath,
    query: ListLogsQuery,
    ok: { status: 200, schema: LogsAnswer, headers: ['Link'] },
    refusals: ['job_not_found'],
    examples: {
      answer: {
        jobId: JOB_ID,
        logs: [
          {
            timestamp: '2026-12-01T09:30:00.400Z',
            message: 'The report has 12 pages.',
            level: 'info',
            runId: RUN_ID,
            attempt: 2,
            fields: { pages: 12 },
          },
        ],
      },
    },
  },
} as const satisfies Record<string, Endpoint>;
