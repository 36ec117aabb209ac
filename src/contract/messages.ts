import { z } from 'zod';
import { catchUps, priorities } from '../domain/job.js';
import { runOutcomes } from '../domain/run.js';
import { jobStatuses } from '../domain/status.js';
import { duration, instant, json, jsonInput, limits } from './values.js';

const text = (what: string, max: number) =>
  z
    .string(`${what} must be a text`)
    .trim()
    .min(1, `${what} must not be empty`)
    .max(max, `${what} must have at most ${max} characters`)
    .normalize('NFC');

/** How an object says that it is strict: by naming what it does not know. */
const strict: { error: z.core.$ZodErrorMap<z.core.$ZodIssueInvalidType | z.core.$ZodIssueUnrecognizedKeys> } = {
  error(issue) {
    if (issue.code === 'unrecognized_keys') {
      return `does not know the field ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
    }
    return issue.code === 'invalid_type' ? 'must be a JSON object' : undefined;
  },
};

const retry = z
  .strictObject(
    {
      maxAttempts: z
        .int('maxAttempts must be a whole number')
        .min(1, 'maxAttempts must be at least 1')
        .max(limits.attempts, `maxAttempts must be at most ${limits.attempts}`),
      initialInterval: duration({ minMs: 0, maxMs: 86_400_000, example: 'PT1S' }),
      backoffCoefficient: z
        .number('backoffCoefficient must be a number')
        .min(1, 'backoffCoefficient must be at least 1')
        .max(10, 'backoffCoefficient must be at most 10'),
      maxInterval: duration({ minMs: 0, maxMs: 7 * 86_400_000, example: 'PT5M' }),
    },
    strict,
  )
  .partial()
  .describe('How failed attempts are tried again; what is left out is the handler’s default.');

/** Fields of a job that can be changed later, too. */
const changeable = {
  jobName: text('jobName', limits.nameLength).describe('What people call the job.'),
  executionTime: z
    .string('executionTime must be a text')
    .min(1, 'executionTime must not be empty')
    .max(limits.instantLength, `executionTime must have at most ${limits.instantLength} characters`)
    .describe('The instant of a one-time job, or the anchor of a recurring one: RFC 3339, or "now".')
    .meta({ examples: ['2026-12-01T09:30:00+00:00', 'now'] }),
  frequency: z
    .string('frequency must be a text')
    .min(1, 'frequency must not be empty')
    .max(limits.frequencyLength, `frequency must have at most ${limits.frequencyLength} characters`)
    .describe('How often a recurring job runs: a keyword, an interval, an ISO 8601 duration or a cron expression.')
    .meta({ examples: ['daily', 'every 15 minutes', 'PT1H', '30 9 * * MON-FRI'] }),
  priority: z.enum(priorities, `priority must be one of ${priorities.join(', ')}`),
  payload: jsonInput.describe('What the handler gets.'),
  handler: text('handler', 64).describe('The code that runs: `log` or `http`.'),
  timezone: z
    .string('timezone must be a text')
    .min(1, 'timezone must not be empty')
    .max(limits.timezoneLength, `timezone must have at most ${limits.timezoneLength} characters`)
    .describe('An IANA time zone; UTC when left out.')
    .meta({ examples: ['Europe/Lisbon'] }),
  tags: z
    .array(text('a tag', limits.tagLength), 'tags must be a list of texts')
    .max(limits.tags, `tags must have at most ${limits.tags} entries`),
  timeout: duration({ minMs: 100, maxMs: 86_400_000, example: 'PT30S' }).describe('The longest an attempt may take.'),
  retry,
};

const { jobName, ...optional } = changeable;

export const SubmitJob = z
  .strictObject(
    {
      jobName,
      jobType: z.enum(['one-time', 'recurring'], 'jobType must be one-time or recurring'),
      ...z.object(optional).partial().shape,
    },
    strict,
  )
  .meta({ id: 'SubmitJob', description: 'A job to run at its time.' });
export type SubmitJob = z.output<typeof SubmitJob>;

export const UpdateJob = z
  .strictObject(z.object(changeable).partial().shape, strict)
  .check(({ value, issues }) => {
    if (issues.length === 0 && Object.keys(value).length === 0) {
      issues.push({ code: 'custom', message: 'must change at least one field', input: value });
    }
    const at = issues.findIndex((issue) => issue.code === 'unrecognized_keys' && issue.keys.includes('jobType'));
    const unknown = issues[at];
    if (unknown?.code !== 'unrecognized_keys') return;
    issues[at] = { ...unknown, keys: unknown.keys.filter((key) => key !== 'jobType') };
    issues.push({ code: 'custom', path: ['jobType'], message: "can't be changed", input: value });
  })
  .meta({ id: 'UpdateJob', description: 'Changes of a job: what is left out stays.' });
export type UpdateJob = z.output<typeof UpdateJob>;

export const PauseJob = z
  .strictObject({ reason: text('reason', limits.reasonLength).optional(), until: instant.optional() }, strict)
  .meta({ id: 'PauseJob' });
export type PauseJob = z.output<typeof PauseJob>;

export const ResumeJob = z
  .strictObject({ catchUp: z.enum(catchUps, `catchUp must be one of ${catchUps.join(', ')}`).optional() }, strict)
  .meta({ id: 'ResumeJob' });
export type ResumeJob = z.output<typeof ResumeJob>;

export const RunJobNow = z.strictObject({ payload: changeable.payload.optional() }, strict).meta({ id: 'RunJobNow' });
export type RunJobNow = z.output<typeof RunJobNow>;

// --- Answers ---

const id = z.uuid();
const at = z.iso.datetime();

export const JobCommandAnswer = z
  .object({ jobId: id, status: z.enum(['submitted', 'updated', 'cancelled', 'paused', 'resumed']) })
  .meta({ id: 'JobCommandAnswer' });

export const ResumeAnswer = z
  .object({
    jobId: id,
    status: z.literal('resumed'),
    fires: z.int().describe('How many fires passed during the pause.'),
    caughtUp: z.int().describe('How many of them run now.'),
  })
  .meta({ id: 'ResumeAnswer' });

export const TriggerAnswer = z
  .object({ jobId: id, runId: id, status: z.literal('triggered') })
  .meta({ id: 'TriggerAnswer' });

const RunError = z.object({ code: z.string(), message: z.string() });

export const LastRun = z
  .object({
    runId: id,
    scheduledFor: at,
    startedAt: at.optional(),
    finishedAt: at.optional(),
    outcome: z.enum(runOutcomes),
    reason: z.string().optional(),
  })
  .meta({ id: 'LastRun' });

export const JobStatusAnswer = z
  .object({
    jobId: id,
    status: z.enum(jobStatuses),
    lastUpdated: at,
    nextRunAt: at.optional(),
    lastRun: LastRun.optional(),
  })
  .meta({ id: 'JobStatusAnswer' });
export type JobStatusAnswer = z.output<typeof JobStatusAnswer>;

export const JobSummary = z
  .object({
    jobId: id,
    jobName: z.string(),
    jobType: z.enum(['one-time', 'recurring']),
    status: z.enum(jobStatuses),
    executionTime: at.optional().describe('The next fire, else the last.'),
    frequency: z.string().optional(),
    timezone: z.string(),
    priority: z.enum(priorities),
    handler: z.string(),
    tags: z.array(z.string()),
    createdAt: at,
    lastUpdated: at,
  })
  .meta({ id: 'JobSummary' });
export type JobSummary = z.output<typeof JobSummary>;

export const Job = z
  .object({
    ...JobSummary.shape,
    executionTime: at.optional().describe('The instant of a one-time job, or the anchor of a recurring one.'),
    understoodAs: z.string().describe('The schedule in words.'),
    payload: json.optional(),
    timeout: z.string().describe('ISO 8601 duration.'),
    retry: z.object({
      maxAttempts: z.int(),
      initialInterval: z.string(),
      backoffCoefficient: z.number(),
      maxInterval: z.string(),
    }),
    generation: z.int(),
    nextRunAt: at.optional(),
    lastRun: LastRun.optional(),
    runCount: z.int(),
    failureCount: z.int(),
    pause: z.object({ reason: z.string().optional(), until: at.optional() }).optional(),
    createdBy: z.string(),
  })
  .meta({ id: 'Job' });
export type Job = z.output<typeof Job>;

export const Run = z
  .object({
    runId: id,
    jobId: id,
    trigger: z.enum(['schedule', 'manual']),
    scheduledFor: at,
    scheduledUntil: at.optional().describe('For a summary of several fires: the last of them.'),
    fireCount: z.int(),
    startedAt: at.optional(),
    finishedAt: at.optional(),
    outcome: z.enum(runOutcomes),
    reason: z.string().optional(),
    attempts: z.int(),
    generation: z.int(),
    result: json.optional(),
    error: RunError.optional(),
    node: z.string().optional(),
  })
  .meta({ id: 'Run' });
export type Run = z.output<typeof Run>;

export const LogsAnswer = z
  .object({
    jobId: id,
    logs: z.array(
      z.object({
        timestamp: at,
        message: z.string(),
        level: z.enum(['debug', 'info', 'warn', 'error']),
        runId: id,
        attempt: z.int(),
        fields: json.optional(),
      }),
    ),
  })
  .meta({ id: 'LogsAnswer' });
export type LogsAnswer = z.output<typeof LogsAnswer>;

/** RFC 9457, with JSON pointers to what is wrong. */
export const ProblemAnswer = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    traceId: z.string(),
    errors: z
      .array(z.object({ pointer: z.string().optional(), parameter: z.string().optional(), message: z.string() }))
      .optional(),
  })
  .meta({ id: 'Problem' });
