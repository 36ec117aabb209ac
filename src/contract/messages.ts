import { z } from 'zod';
import { catchUps, overlapPolicies, priorities } from '../domain/job.js';
import { runOutcomes } from '../domain/run.js';
import { jobStatuses } from '../domain/status.js';
import { calendarName } from './calendars.js';
import { duration, instant, json, jsonInput, limits, strict, text } from './values.js';

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

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

const time = (what: string) =>
  z
    .string(`${what} must be a text`)
    .min(1, `${what} must not be empty`)
    .max(limits.instantLength, `${what} must have at most ${limits.instantLength} characters`);

/** Its length and its meaning are the schedule's to check: there the sentence names what is wrong. */
const expression = z.string().meta({ minLength: 1, maxLength: limits.frequencyLength });

const oneOf = <const Values extends readonly string[]>(what: string, values: Values) =>
  z.enum(values, `${what} must be one of ${values.join(', ')}`);

/** What a recurring job may say about when beside its frequency. */
const whenFields = {
  startAt: time('startAt').describe('Nothing fires before it: written as an executionTime.'),
  endAt: time('endAt').describe('Nothing fires after it: written as an executionTime.'),
  maxRuns: z
    .int('maxRuns must be a whole number')
    .min(1, 'maxRuns must be at least 1')
    .max(limits.runs, `maxRuns must be at most ${limits.runs}`)
    .describe(
      'After so many runs the job is completed. Fires that were skipped or missed, and runs by hand, do not count.',
    ),
  jitter: duration({ minMs: 0, maxMs: DAY_MS, example: 'PT30S' }).describe(
    'Each fire is put off by a part of this that differs from fire to fire; never past the next fire.',
  ),
  spread: duration({ minMs: 0, maxMs: DAY_MS, example: 'PT1H' }).describe(
    'Every fire is put off by the same part of this, which differs from job to job: for many jobs that name the same time.',
  ),
  dst: z
    .strictObject({ gap: oneOf('gap', ['shift', 'skip']), overlap: oneOf('overlap', ['first', 'both']) }, strict)
    .partial()
    .describe(
      'What becomes of local times that the clock skips, or shows twice; left out: as the kind of frequency has it.',
    ),
  exclude: z
    .strictObject(
      {
        calendars: z
          .array(calendarName, 'calendars must be a list of names')
          .min(1, 'calendars must name at least one calendar')
          .max(limits.calendars, `calendars must name at most ${limits.calendars} calendars`)
          .refine((names) => new Set(names).size === names.length, 'calendars must name each calendar once'),
        shift: oneOf('shift', ['next', 'previous'])
          .describe('Moves a fire to the next or previous day that is not excluded; left out: it does not run.')
          .optional(),
      },
      strict,
    )
    .describe('The calendars on whose days the job does not run.'),
};

const overlap = oneOf('overlap', overlapPolicies).describe('What a fire does that comes due while a run is under way.');

/** Fields of a job that can be changed later, too. */
const changeable = {
  jobName: text('jobName', limits.nameLength).describe('What people call the job.'),
  executionTime: time('executionTime')
    .describe('The instant of a one-time job, or the anchor of a recurring one: RFC 3339, or "now".')
    .meta({ examples: ['2026-12-01T09:30:00+00:00', 'now'] }),
  frequency: z
    .union(
      [expression, z.array(expression).meta({ minItems: 1, maxItems: limits.expressions })],
      'frequency must be a text or a list of texts',
    )
    .describe(
      'How often a recurring job runs: a keyword, an interval, an ISO 8601 duration, a cron expression, an RFC 5545 recurrence rule, or a list of them (their union).',
    )
    .meta({ examples: ['daily', 'every 15 minutes', 'PT1H', '30 9 * * MON-FRI', 'RRULE:FREQ=MONTHLY;BYDAY=-1FR'] }),
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
  overlap,
  catchUp: z
    .strictObject(
      {
        policy: oneOf('policy', catchUps).describe(
          'Which of several late fires run: none, the last (the default) or all.',
        ),
        window: duration({ minMs: MINUTE_MS, maxMs: 365 * DAY_MS, example: 'PT1H' }).describe(
          'A fire that is later than this is missed.',
        ),
      },
      strict,
    )
    .partial()
    .describe('What becomes of fires that nothing could run in time.'),
  timeout: duration({ minMs: 100, maxMs: 86_400_000, example: 'PT30S' }).describe('The longest an attempt may take.'),
  retry,
};

const { jobName, ...optional } = changeable;

export const SubmitJob = z
  .strictObject(
    {
      jobName,
      jobType: z.enum(['one-time', 'recurring'], 'jobType must be one-time or recurring'),
      ...z.object({ ...optional, ...whenFields }).partial().shape,
    },
    strict,
  )
  .meta({ id: 'SubmitJob', description: 'A job to run at its time.' });
export type SubmitJob = z.output<typeof SubmitJob>;

/** In a change, null takes away what a job need not have. */
const removable = Object.fromEntries(Object.entries(whenFields).map(([name, field]) => [name, field.nullable()])) as {
  [Field in keyof typeof whenFields]: z.ZodNullable<(typeof whenFields)[Field]>;
};

export const UpdateJob = z
  .strictObject(z.object({ ...changeable, ...removable }).partial().shape, strict)
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

/** What a preview is asked of: a recurring job's schedule, as it would be submitted. */
export const PreviewSchedule = z
  .strictObject(
    {
      jobType: z.enum(['one-time', 'recurring'], 'jobType must be one-time or recurring').default('recurring'),
      ...z
        .object({
          executionTime: changeable.executionTime,
          frequency: changeable.frequency,
          timezone: changeable.timezone,
          ...whenFields,
        })
        .partial().shape,
      after: instant.describe('Fires after this instant; now when left out.').optional(),
      count: z
        .int('count must be a whole number')
        .min(1, 'count must be at least 1')
        .max(1_000, 'count must be at most 1000')
        .default(10)
        .describe('How many fires.'),
    },
    strict,
  )
  .meta({ id: 'PreviewSchedule' });
export type PreviewSchedule = z.output<typeof PreviewSchedule>;

export const Backfill = z
  .strictObject(
    {
      from: instant.describe('Fires at this instant or later.'),
      to: instant.describe('Fires at this instant or earlier; not to come.'),
      overlap: z
        .enum(
          ['buffer_all', 'allow_all'],
          'overlap must be buffer_all or allow_all: the fires of a backfill are all due at once, so any other policy would drop most of them',
        )
        .default('buffer_all')
        .describe('One after another, or beside each other.'),
      dryRun: z.boolean('dryRun must be true or false').default(false).describe('Only count.'),
    },
    strict,
  )
  .meta({ id: 'Backfill' });
export type Backfill = z.output<typeof Backfill>;

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

export const BackfillAnswer = z
  .object({
    jobId: id,
    count: z.int().describe('How many fires run, or would run.'),
    alreadyRan: z.int().describe('How many fires of the stretch have run before, and are left as they are.'),
    dryRun: z.boolean(),
  })
  .meta({ id: 'BackfillAnswer' });

const PreviewFire = z
  .object({
    local: z.string().describe('RFC 3339 with the offset that the zone has then.'),
    utc: at,
    effectiveAt: at.optional().describe('When the run begins, where spread or jitter put the fire off.'),
    excluded: z.literal(true).optional().describe('It is in the ledger as skipped_excluded.'),
    notes: z.array(z.string()),
  })
  .meta({ id: 'PreviewFire' });
export type PreviewFire = z.output<typeof PreviewFire>;

export const PreviewAnswer = z
  .object({ understoodAs: z.string(), fires: z.array(PreviewFire) })
  .meta({ id: 'PreviewAnswer' });

export const UpdatePreview = z
  .object({
    jobId: id,
    status: z.literal('preview'),
    understoodAs: z.string().describe('The schedule as it would be, in words.'),
    disappear: z.array(PreviewFire).describe("Fires of today's schedule that would be no more."),
    appear: z.array(PreviewFire).describe("Fires that today's schedule does not have."),
    until: at.optional().describe('How far both were compared; without it, to their ends.'),
  })
  .meta({ id: 'UpdatePreview' });

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
    frequency: z.union([z.string(), z.array(z.string())]).optional(),
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
    startAt: at.optional(),
    endAt: at.optional(),
    maxRuns: z.int().optional(),
    jitter: z.string().optional().describe('ISO 8601 duration.'),
    spread: z.string().optional().describe('ISO 8601 duration.'),
    dst: z
      .object({ gap: z.enum(['shift', 'skip']).optional(), overlap: z.enum(['first', 'both']).optional() })
      .optional(),
    exclude: z.object({ calendars: z.array(z.string()), shift: z.enum(['next', 'previous']).optional() }).optional(),
    overlap: z.enum(overlapPolicies),
    catchUp: z.object({ policy: z.enum(catchUps), window: z.string().describe('ISO 8601 duration.') }),
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
    nextFireAt: at.optional().describe('The fire of the next run, where spread or jitter put it off.'),
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
    trigger: z.enum(['schedule', 'manual', 'backfill', 'retry']),
    scheduledFor: at.describe('The fire: its nominal time.'),
    effectiveAt: at.optional().describe('When the run was to begin, where spread or jitter put the fire off.'),
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
    retryOf: id.optional().describe('The run that this one does again.'),
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
