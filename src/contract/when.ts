/** The fields that say when a job runs. */
import { z } from 'zod';
import { calendarName } from './calendars.js';
import { duration, limits, strict } from './values.js';

const DAY_MS = 86_400_000;

/** An instant as text: what it means depends on the time zone, and is the schedule's to check. */
export const time = (what: string) =>
  z
    .string(`${what} must be a text`)
    .min(1, `${what} must not be empty`)
    .max(limits.instantLength, `${what} must have at most ${limits.instantLength} characters`);

/** Its length and its meaning are the schedule's to check: there the sentence names what is wrong. */
const expression = z.string().meta({ minLength: 1, maxLength: limits.frequencyLength });

export const oneOf = <const Values extends readonly string[]>(what: string, values: Values) =>
  z.enum(values, `${what} must be one of ${values.join(', ')}`);

/** What a recurring job may say about when beside its frequency. */
export const whenFields = {
  startAt: time('startAt')
    .describe('Nothing fires before it: written as an executionTime.')
    .meta({ examples: ['2026-12-01T00:00:00Z'] }),
  endAt: time('endAt')
    .describe('Nothing fires after it: written as an executionTime.')
    .meta({ examples: ['2027-01-01T00:00:00Z'] }),
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
    'Every fire is put off by the same part of this (a smaller one where the next fire comes sooner), which differs from job to job: for many jobs that name the same time.',
  ),
  dst: z
    .strictObject(
      {
        gap: oneOf('gap', ['shift', 'skip']).describe(
          'Of a local time that the clock skips: it runs later, or not that day.',
        ),
        overlap: oneOf('overlap', ['first', 'both']).describe(
          'Of a local time that the clock shows twice: it runs once, or both times.',
        ),
      },
      strict,
    )
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
          .refine((names) => new Set(names).size === names.length, 'calendars must name each calendar once')
          .describe('The names of the calendars.')
          .meta({ examples: [['holidays']] }),
        shift: oneOf('shift', ['next', 'previous'])
          .describe('Moves a fire to the next or previous day that is not excluded; left out: it does not run.')
          .optional(),
      },
      strict,
    )
    .describe('The calendars on whose days the job does not run.'),
};

export const frequency = z
  .union(
    [expression, z.array(expression).meta({ minItems: 1, maxItems: limits.expressions })],
    'frequency must be a text or a list of texts',
  )
  .describe(
    'How often a recurring job runs: a keyword, an interval, an ISO 8601 duration, a cron expression, an RFC 5545 recurrence rule, or a list of them (their union).',
  )
  .meta({ examples: ['daily', 'every 15 minutes', 'PT1H', '30 9 * * MON-FRI', 'RRULE:FREQ=MONTHLY;BYDAY=-1FR'] });
