/** What calls are asked with. */
import { z } from 'zod';
import { catchUps } from '../domain/job.js';
import { changeable, withoutDefault } from './job-fields.js';
import { instant, limits, strict, shortText } from './values.js';
import { oneOf, whenFields } from './when.js';

const { jobName, ...optional } = changeable;

export const SubmitJob = z
  .strictObject(
    {
      jobName,
      jobType: z
        .enum(['one-time', 'recurring'], 'jobType must be one-time or recurring')
        .describe('Whether it runs once, or again and again.'),
      ...z.object({ ...optional, ...withoutDefault, ...whenFields }).partial().shape,
    },
    strict,
  )
  .meta({ id: 'SubmitJob', description: 'A job to run at its time.' });
export type SubmitJob = z.output<typeof SubmitJob>;

const nullables = { ...withoutDefault, ...whenFields };

/** In a change, null takes away what a job need not have. */
const removable = Object.fromEntries(
  Object.entries(nullables).map(([name, field]) => [
    name,
    field.nullable().describe(`${field.description} null takes it away.`),
  ]),
) as {
  [Field in keyof typeof nullables]: z.ZodNullable<(typeof nullables)[Field]>;
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

const reason = (example: string) =>
  shortText('reason', limits.reasonLength)
    .describe('Why, for people.')
    .meta({ examples: [example] })
    .optional();

export const PauseJob = z
  .strictObject(
    {
      reason: reason('The target is being moved.'),
      until: instant.describe('When the pause ends by itself; left out, a resume ends it.').optional(),
    },
    strict,
  )
  .meta({ id: 'PauseJob' });
export type PauseJob = z.output<typeof PauseJob>;

export const ResumeJob = z
  .strictObject(
    {
      catchUp: oneOf('catchUp', catchUps)
        .describe(
          'Which of the fires that passed during the pause run now; when left out, none of a recurring job, and the last of a one-time one.',
        )
        .optional(),
    },
    strict,
  )
  .meta({ id: 'ResumeJob' });
export type ResumeJob = z.output<typeof ResumeJob>;

export const RunJobNow = z
  .strictObject(
    {
      payload: changeable.payload
        .describe("What the handler gets in this run; the job's own when left out.")
        .optional(),
    },
    strict,
  )
  .meta({ id: 'RunJobNow' });
export type RunJobNow = z.output<typeof RunJobNow>;

/** What a preview is asked of: a recurring job's schedule, as it would be submitted. */
export const PreviewSchedule = z
  .strictObject(
    {
      jobType: z
        .enum(['one-time', 'recurring'], 'jobType must be one-time or recurring')
        .default('recurring')
        .describe('Whether the job would run once, or again and again.'),
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

export const CancelRun = z
  .strictObject({ reason: reason('It runs against the wrong server.') }, strict)
  .meta({ id: 'CancelRun' });

/** A call that takes no fields. */
export const Nothing = z.strictObject({}, strict).meta({ id: 'Nothing' });

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
