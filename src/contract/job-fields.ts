/** The fields of a job, as they are submitted and changed. */
import { z } from 'zod';
import { afterOutcomes } from '../domain/after.js';
import { onLimits } from '../domain/concurrency.js';
import { catchUps, overlapPolicies, priorities } from '../domain/job.js';
import { duration, jsonInput, limits, POOL_NAME, strict, shortText } from './values.js';
import { frequency, oneOf, time } from './when.js';

const ERROR_CODE = /^[a-z][a-z0-9_]{0,63}$/;

const retry = z
  .strictObject(
    {
      maxAttempts: z
        .int('maxAttempts must be a whole number')
        .min(1, 'maxAttempts must be at least 1')
        .max(limits.attempts, `maxAttempts must be at most ${limits.attempts}`)
        .describe('The most attempts of a run, the first one among them.'),
      initialInterval: duration({ minMs: 0, maxMs: 86_400_000, example: 'PT1S' }).describe(
        'The time before the second attempt.',
      ),
      backoffCoefficient: z
        .number('backoffCoefficient must be a number')
        .min(1, 'backoffCoefficient must be at least 1')
        .max(10, 'backoffCoefficient must be at most 10')
        .describe('By how much each further wait is longer than the one before: a factor.'),
      maxInterval: duration({ minMs: 0, maxMs: 7 * 86_400_000, example: 'PT5M' }).describe(
        'The longest time between two attempts.',
      ),
    },
    strict,
  )
  .partial()
  .extend({
    nonRetryable: z
      .array(
        z
          .string('an error code must be a text')
          .regex(ERROR_CODE, 'an error code is of lower case letters, digits and _'),
        'nonRetryable must be a list of error codes',
      )
      .max(20, 'nonRetryable must have at most 20 entries')
      .describe('Error codes after which no further attempt is made.')
      .meta({ examples: [['http_status', 'timeout']] })
      .optional(),
  })
  .describe('How failed attempts are tried again; what is left out is the handler’s default.');

const MINUTE_MS = 60_000;

const overlap = oneOf('overlap', overlapPolicies).describe('What a fire does that comes due while a run is under way.');

/** Fields of a job that can be changed later, too. */
export const changeable = {
  jobName: shortText('jobName', limits.nameLength)
    .describe('What people call the job.')
    .meta({ examples: ['Morning report'] }),
  executionTime: time('executionTime')
    .describe('The instant of a one-time job, or the anchor of a recurring one: RFC 3339, or "now".')
    .meta({ examples: ['2026-12-01T09:30:00+00:00', 'now'] }),
  frequency,
  priority: z
    .enum(priorities, `priority must be one of ${priorities.join(', ')}`)
    .describe('Which of several due runs of the project are taken first: medium when left out.'),
  payload: jsonInput.describe('What the handler gets.'),
  handler: shortText('handler', 64)
    .describe('What runs: `log` when left out; `GET /api/handlers` lists all.')
    .meta({ examples: ['http'] }),
  pool: z
    .string('pool must be a text')
    .regex(POOL_NAME, 'pool must be 1 to 63 lower case letters, digits and "-", and begin with a letter or a digit')
    .describe('The workers that run it: those that serve this pool; default when left out.')
    .meta({ examples: ['default'] }),
  timezone: z
    .string('timezone must be a text')
    .min(1, 'timezone must not be empty')
    .max(limits.timezoneLength, `timezone must have at most ${limits.timezoneLength} characters`)
    .describe('An IANA time zone; UTC when left out.')
    .meta({ examples: ['Europe/Lisbon'] }),
  tags: z
    .array(shortText('a tag', limits.tagLength), 'tags must be a list of texts')
    .max(limits.tags, `tags must have at most ${limits.tags} entries`)
    .describe('Words to find it by.')
    .meta({ examples: [['reports']] }),
  overlap,
  catchUp: z
    .strictObject(
      {
        policy: oneOf('policy', catchUps).describe(
          'Which of several late fires run: none, the last (the default) or all.',
        ),
        window: duration({ minMs: MINUTE_MS, maxMs: 365 * 1_440 * MINUTE_MS, example: 'PT1H' }).describe(
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

/** Fields that a job need not have, and that a change takes away by null. */
export const withoutDefault = {
  deadline: duration({ minMs: 100, maxMs: 30 * 86_400_000, example: 'PT1H' }).describe(
    'The longest a run may take from its first attempt on, with all further ones.',
  ),
  concurrency: z
    .strictObject(
      {
        key: shortText('key', limits.keyLength)
          .describe('Runs of the project that name the same key share its places.')
          .meta({ examples: ['warehouse'] }),
        limit: z
          .int('limit must be a whole number')
          .min(1, 'limit must be at least 1')
          .max(limits.places, `limit must be at most ${limits.places}`)
          .describe('How many may be under way at once.'),
        onLimit: oneOf('onLimit', onLimits)
          .describe('What a run does that finds no place: wait (the default), skip, or cancel_running.')
          .optional(),
      },
      strict,
    )
    .describe('How many runs may be under way at once, over all jobs that name the key.'),
  after: z
    .array(
      z.strictObject(
        {
          job: z.uuid('job must be the id of a job').describe('The id of the job that is followed.'),
          outcome: oneOf('outcome', afterOutcomes)
            .describe('How its run has to have ended: completed (the default), failed, or any.')
            .optional(),
          since: z
            .union(
              [z.literal('midnight'), duration({ minMs: 1_000, maxMs: 31 * 86_400_000, example: 'PT6H' })],
              'since must be midnight, or an ISO 8601 duration such as PT6H',
            )
            .describe(
              'For a job with a schedule: from when on a run counts, back from the fire, or from the midnight before it (the default).',
            )
            .optional(),
        },
        strict,
      ),
      'after must be a list of jobs',
    )
    .min(1, 'after must name at least one job')
    .max(limits.followed, `after must name at most ${limits.followed} jobs`)
    .refine((jobs) => new Set(jobs.map(({ job }) => job)).size === jobs.length, 'after must name each job once')
    .describe(
      'The jobs that this one follows. Without a schedule it runs each time all of them have ended a run so; with one, its fires wait until they have.',
    ),
  waitAtMost: duration({ minMs: 1_000, maxMs: 30 * 86_400_000, example: 'PT2H' }).describe(
    'For a job with a schedule: how long after its fire a run waits for the jobs in after; PT1H when left out. Then it is skipped_condition.',
  ),
};
