import { z } from 'zod';
import { priorities } from '../domain/job.js';
import { runOutcomes, runTriggers } from '../domain/run.js';
import { jobStatuses } from '../domain/status.js';
import { instant, limits } from './values.js';

/** What paths and query strings may hold. Every value comes as text, once. */

const DEFAULT_PAGE_SIZE = 50;

export const words = (what: string, max: number) =>
  z
    .string(`${what} must be a text`)
    .min(1, `${what} must not be empty`)
    .max(max, `${what} must have at most ${max} characters`);

export const oneOf = <const Values extends readonly [string, ...string[]] | readonly string[]>(
  what: string,
  values: Values,
) => z.enum(values, `${what} must be one of ${values.join(', ')}`);

/** One or several of some words, with commas between them. */
function someOf<const Value extends string>(what: string, values: readonly Value[]) {
  const expected = `${what} must be one or several of ${values.join(', ')}, with commas between them`;
  return z
    .string(expected)
    .meta({ examples: [values.slice(0, 2).join(',')] })
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(values, expected)).max(values.length, expected));
}

function wholeNumber(
  what: string,
  meaning: string,
  range: { min: number; max: number; byDefault: number; beyond?: string },
) {
  const { min, max, byDefault, beyond } = range;
  const expected = `${what} must be a whole number from ${min} to ${max}${beyond ? `; ${beyond}` : ''}`;
  return z
    .string(expected)
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, expected)
    .transform(Number)
    .default(byDefault)
    .meta({ type: 'integer', minimum: min, maximum: max, description: `${meaning} ${byDefault} when left out.` });
}

export const limit = wholeNumber('limit', 'The most entries of a page.', {
  min: 1,
  max: limits.pageSize,
  byDefault: DEFAULT_PAGE_SIZE,
});
const page = wholeNumber('page', 'Which page, from 1 on.', {
  min: 1,
  max: limits.deepestPage,
  byDefault: 1,
  beyond: 'deeper lists are read with cursor, from the Link header of the page before',
});
/** More than the longest cursor of ours: it holds a job's name, of which JSON and base64 make up to 8 characters a letter. */
const CURSOR_LENGTH = 4_096;
export const cursor = words('cursor', CURSOR_LENGTH)
  .describe('Where the page before ended: copied from its Link header. Not together with page.')
  .meta({ examples: ['WyIyMDI2LTEyLTAxIl0'] })
  .optional();

const uuid = (what: string) => z.uuid(`${what} must be a UUID`);
const handler = (meaning: string) =>
  words('handler', 64)
    .describe(meaning)
    .meta({ examples: ['http'] })
    .optional();
const tag = (meaning: string) =>
  words('tag', limits.tagLength)
    .normalize('NFC')
    .describe(meaning)
    .meta({ examples: ['reports'] })
    .optional();

const jobId = uuid('jobId').describe('The id of the job.');
export const JobPath = z.strictObject({ jobId });
export const RunPath = z.strictObject({ jobId, runId: uuid('runId').describe('The id of the run.') });

/** An instant in a query, where a `+` that was not encoded has become a space. */
export const instantInQuery = z
  .string()
  .meta({ examples: ['2026-12-01T09:30:00Z'] })
  .transform((text) => text.replace(/ (?=\d\d:\d\d$)/, '+'))
  .pipe(instant);

/** A yes or no in a query. */
export const flag = (what: string) =>
  z
    .string()
    .refine((text) => text === 'true' || text === 'false', `${what} must be true or false`)
    .default('false')
    .transform((text) => text === 'true')
    .meta({ type: 'boolean', default: false });

export const UpdateJobQuery = z.strictObject({
  preview: flag('preview').describe('Tells which fires would disappear and appear, and changes nothing.'),
});

export const ExplainQuery = z.strictObject({
  at: instantInQuery
    .describe(
      'The instant to explain: the time of a fire or a run, or its minute. Left out: what is due or comes next.',
    )
    .optional(),
});

/** What lists of jobs can be sorted by; `-` turns the order round. */
export const jobSorts = ['createdAt', '-createdAt', 'nextRunAt', '-nextRunAt', 'jobName', '-jobName'] as const;
export type JobSort = (typeof jobSorts)[number];

export const ListJobsQuery = z.strictObject({
  status: oneOf('status', jobStatuses).describe('Jobs that stand so.').optional(),
  type: oneOf('type', ['one-time', 'recurring']).describe('Jobs of this type.').optional(),
  priority: oneOf('priority', priorities).describe('Jobs of this priority.').optional(),
  handler: handler('Jobs that have this handler.'),
  tag: tag('Jobs that have this tag.'),
  q: words('q', limits.nameLength)
    .normalize('NFC')
    .describe('A part of the name, in any letter case.')
    .meta({ examples: ['report'] })
    .optional(),
  sort: oneOf('sort', jobSorts).default('-createdAt').describe('In which order; - turns it round.'),
  page,
  limit,
  cursor,
});
export type ListJobsQuery = z.output<typeof ListJobsQuery>;

export const ListRunsQuery = z.strictObject({
  outcome: oneOf('outcome', runOutcomes).describe('Runs that stand or ended so.').optional(),
  from: instantInQuery.describe('Runs scheduled at this instant or later.').optional(),
  to: instantInQuery.describe('Runs scheduled before this instant.').optional(),
  page,
  limit,
  cursor,
});

export const ListProjectRunsQuery = z.strictObject({
  outcome: someOf('outcome', runOutcomes)
    .describe('Runs that stand or ended so: one outcome, or several with commas between them.')
    .optional(),
  from: instantInQuery.describe('Runs scheduled at this instant or later.').optional(),
  to: instantInQuery.describe('Runs scheduled before this instant.').optional(),
  job: uuid('job').describe('Runs of this job.').optional(),
  handler: handler('Runs of jobs that have this handler now.'),
  tag: tag('Runs of jobs that have this tag now.'),
  errorCode: words('errorCode', 64)
    .describe('Runs whose last error has this code.')
    .meta({ examples: ['http_status'] })
    .optional(),
  trigger: oneOf('trigger', runTriggers).describe('Runs that there are for this reason.').optional(),
  page,
  limit,
  cursor,
});

export const ListLogsQuery = z.strictObject({
  runId: uuid('runId').describe('Lines of this run.').optional(),
  level: oneOf('level', ['debug', 'info', 'warn', 'error']).describe('Lines of this level and above.').optional(),
  since: instantInQuery.describe('Lines of this instant or later.').optional(),
  limit: wholeNumber('limit', 'The most entries of a page.', { min: 1, max: limits.pageSize, byDefault: 100 }),
  cursor,
});
