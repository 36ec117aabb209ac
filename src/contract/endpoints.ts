import type { z } from 'zod';
import type { ErrorCode } from '../domain/errors.js';
import type { Access } from '../domain/permissions.js';
import { accessEndpoints } from './access-endpoints.js';
import * as answers from './answers.js';
import * as calendars from './calendars.js';
import { HandlerAnswer, SigningKeyAnswer } from './handlers.js';
import { CrontabText, ImportAnswer, ImportQuery } from './import.js';
import { memberEndpoints } from './member-endpoints.js';
import * as messages from './messages.js';
import { Project, UpdateProject } from './project.js';
import { RedriveAnswer, RedriveRuns, StopRedrivesAnswer } from './redrive.js';
import {
  ExplainQuery,
  JobPath,
  ListJobsQuery,
  ListLogsQuery,
  ListProjectRunsQuery,
  ListRunsQuery,
  RunPath,
  UpdateJobQuery,
} from './queries.js';

/** One call of the API: all that routing, permission, validation and the OpenAPI document need to know of it. */
export interface Endpoint {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
  /** Without it the call is 403. It says, too, whether the call is one in a project. */
  readonly permission: Access;
  readonly summary: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** The type of a body that is a text; JSON when left out. */
  readonly bodyType?: 'text/plain' | 'text/calendar';
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
  ...accessEndpoints,
  ...memberEndpoints,
  submitJob: {
    method: 'post',
    path: '/api/jobs',
    permission: 'job:submit',
    summary: 'Submit a job',
    body: messages.SubmitJob,
    ok: { status: 201, schema: answers.JobCommandAnswer, headers: ['Location'] },
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
    ok: { status: 200, schema: answers.JobStatusAnswer },
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
    ok: { status: 200, schema: answers.JobSummary.array(), headers: ['Link'] },
  },
  getJob: {
    method: 'get',
    path: '/api/jobs/:jobId',
    permission: 'job:read',
    summary: 'The whole job',
    params: JobPath,
    ok: { status: 200, schema: answers.Job, headers: ['ETag'] },
    refusals: ['job_not_found'],
  },
  updateJob: {
    method: 'put',
    path: '/api/jobs/:jobId',
    permission: 'job:submit',
    summary: 'Change a job, from its next fire on; with preview=true, tell what that would do',
    params: JobPath,
    query: UpdateJobQuery,
    body: messages.UpdateJob,
    ok: { status: 200, schema: answers.UpdateAnswer },
    refusals: ['job_not_found', 'conflict'],
    examples: { body: { frequency: 'every 15 minutes' }, answer: { jobId: JOB_ID, status: 'updated' } },
  },
  cancelJob: {
    method: 'delete',
    path: '/api/jobs/:jobId',
    permission: 'job:operate',
    summary: 'End a job; cancelling it again changes nothing',
    params: JobPath,
    ok: { status: 200, schema: answers.JobCommandAnswer },
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
    ok: { status: 200, schema: answers.JobCommandAnswer },
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
    ok: { status: 200, schema: answers.ResumeAnswer },
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
    ok: { status: 202, schema: answers.TriggerAnswer, headers: ['Location'] },
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
    ok: { status: 200, schema: answers.Run.array(), headers: ['Link'] },
    refusals: ['job_not_found'],
  },
  listProjectRuns: {
    method: 'get',
    path: '/api/runs',
    permission: 'job:read',
    summary: 'The runs of all jobs of the project, newest first',
    query: ListProjectRunsQuery,
    ok: { status: 200, schema: answers.ProjectRun.array(), headers: ['Link'] },
  },
  getRun: {
    method: 'get',
    path: '/api/jobs/:jobId/runs/:runId',
    permission: 'job:read',
    summary: 'One run, with its attempts',
    params: RunPath,
    ok: { status: 200, schema: answers.WholeRun },
    refusals: ['job_not_found', 'run_not_found'],
  },
  listLogs: {
    method: 'get',
    path: '/api/jobs/:jobId/logs',
    permission: 'payload:read',
    summary: 'What the runs of a job wrote, oldest first',
    params: JobPath,
    query: ListLogsQuery,
    ok: { status: 200, schema: answers.LogsAnswer, headers: ['Link'] },
    refusals: ['job_not_found'],
  },
  retryRun: {
    method: 'post',
    path: '/api/jobs/:jobId/runs/:runId/retry',
    permission: 'job:operate',
    summary: 'Do the work of a run that has ended again, as a run of its own',
    params: RunPath,
    body: messages.Nothing,
    bodyOptional: true,
    ok: { status: 202, schema: answers.TriggerAnswer, headers: ['Location'] },
    refusals: ['job_not_found', 'run_not_found', 'conflict'],
    examples: { answer: { jobId: JOB_ID, runId: RUN_ID, status: 'triggered' } },
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
    body: messages.CancelRun,
    bodyOptional: true,
    ok: { status: 202, schema: answers.CancelRunAnswer },
    refusals: ['job_not_found', 'run_not_found', 'conflict'],
    examples: {
      body: { reason: 'It runs against the wrong server.' },
      answer: { jobId: JOB_ID, runId: RUN_ID, status: 'cancelling' },
    },
  },
  backfillJob: {
    method: 'post',
    path: '/api/jobs/:jobId/backfill',
    permission: 'job:operate',
    summary: 'Run the fires of a stretch of the past that have not run; count them first with dryRun',
    params: JobPath,
    body: messages.Backfill,
    ok: { status: 202, schema: answers.BackfillAnswer },
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
    summary: 'Why a job did, did not, or will run at an instant',
    params: JobPath,
    query: ExplainQuery,
    ok: { status: 200, schema: answers.ExplainAnswer },
    refusals: ['job_not_found'],
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
    examples: { body: 'CRON_TZ=Europe/Lisbon\n# Morning report\n30 9 * * 1-5 curl -fsS https://example.com/report\n' },
  },
  previewSchedule: {
    method: 'post',
    path: '/api/schedules/preview',
    permission: 'job:read',
    summary: 'What a schedule means, and its next fires',
    body: messages.PreviewSchedule,
    ok: { status: 200, schema: answers.PreviewAnswer },
    examples: {
      body: { frequency: '30 9 * * MON-FRI', timezone: 'Europe/Lisbon', after: '2026-12-01T00:00:00Z', count: 1 },
      answer: {
        understoodAs: 'every weekday at 09:30, Europe/Lisbon time',
        fires: [{ local: '2026-12-01T09:30:00+00:00', utc: '2026-12-01T09:30:00.000Z', notes: [] }],
      },
    },
  },
  listHandlers: {
    method: 'get',
    path: '/api/handlers',
    permission: 'job:read',
    summary: 'What jobs can do here: the handlers, with a JSON Schema of the payload of each',
    ok: { status: 200, schema: HandlerAnswer.array() },
  },
  listSigningKeys: {
    method: 'get',
    path: '/api/signing-keys',
    permission: 'signing-key:manage',
    summary: 'The keys that sign the requests of http jobs, newest first',
    ok: { status: 200, schema: SigningKeyAnswer.array() },
  },
  makeSigningKey: {
    method: 'post',
    path: '/api/signing-keys',
    permission: 'signing-key:manage',
    summary: 'Make a new signing key; those before it sign beside it for a day more',
    body: messages.Nothing,
    bodyOptional: true,
    ok: { status: 201, schema: SigningKeyAnswer },
  },
  getProject: {
    method: 'get',
    path: '/api/project',
    permission: 'job:read',
    summary: 'The project of the key, and its share of the workers',
    ok: { status: 200, schema: Project },
  },
  updateProject: {
    method: 'put',
    path: '/api/project',
    permission: 'project:manage',
    summary: "Change the project's share of the workers: its weight, and how many of its runs are under way at once",
    body: UpdateProject,
    ok: { status: 200, schema: Project },
    examples: { body: { maxRunningRuns: 50 } },
  },
  listCalendars: {
    method: 'get',
    path: '/api/calendars',
    permission: 'job:read',
    summary: 'The calendars of the project',
    ok: { status: 200, schema: calendars.CalendarSummary.array() },
  },
  createCalendar: {
    method: 'post',
    path: '/api/calendars',
    permission: 'calendar:write',
    summary: 'Make a calendar',
    body: calendars.NewCalendar,
    ok: { status: 201, schema: calendars.CalendarAnswer, headers: ['Location'] },
    refusals: ['conflict'],
    examples: {
      body: { name: 'holidays', dates: ['2026-12-28'], recurring: [{ month: 12, day: 25, name: 'Christmas Day' }] },
      answer: { name: 'holidays', status: 'created', jobs: 0 },
    },
  },
  getCalendar: {
    method: 'get',
    path: '/api/calendars/:calendar',
    permission: 'job:read',
    summary: 'One calendar',
    params: calendars.CalendarPath,
    ok: { status: 200, schema: calendars.Calendar },
    refusals: ['calendar_not_found'],
  },
  putCalendar: {
    method: 'put',
    path: '/api/calendars/:calendar',
    permission: 'calendar:write',
    summary: 'Make a calendar, or put another in its place: the jobs that exclude it go by the new one at once',
    params: calendars.CalendarPath,
    body: calendars.CalendarInput,
    ok: { status: 200, schema: calendars.CalendarAnswer },
    refusals: ['conflict'],
  },
  uploadCalendar: {
    method: 'put',
    path: '/api/calendars/:calendar/ics',
    permission: 'calendar:write',
    summary: 'Make a calendar of the all-day events of an iCalendar file, or put them in its place',
    params: calendars.CalendarPath,
    body: calendars.IcsText,
    bodyType: 'text/calendar',
    ok: { status: 200, schema: calendars.IcsAnswer },
    refusals: ['conflict'],
  },
  deleteCalendar: {
    method: 'delete',
    path: '/api/calendars/:calendar',
    permission: 'calendar:write',
    summary: 'Delete a calendar that no job excludes',
    params: calendars.CalendarPath,
    ok: { status: 200, schema: calendars.CalendarAnswer },
    refusals: ['calendar_not_found', 'conflict'],
  },
  listNodes: {
    method: 'get',
    path: '/api/nodes',
    permission: 'job:read',
    summary:
      'The worker processes, and how much they have to do; one that ended is listed for a day, unless it was told to',
    ok: { status: 200, schema: answers.Node.array() },
    examples: {
      answer: [
        {
          ...{ node: 'worker-1-4711-9f3a2c', role: 'all', pools: ['default'], version: '0.1.0', status: 'up' },
          ...{ startedAt: '2026-12-01T08:00:00.000Z', lastSeenAt: '2026-12-01T09:30:02.117Z' },
          load: { running: 12, waiting: 0, held: 31, places: 100, cpu: 37, memory: 54 },
        },
      ],
    },
  },
} as const satisfies Record<string, Endpoint>;

export type Endpoints = typeof endpoints;
export type EndpointName = keyof Endpoints;
