/** The fields that several answers have. Instants are RFC 3339 texts in UTC, durations ISO 8601 texts. */
import { z } from 'zod';

export const id = (what: string) => z.uuid().describe(what);
export const jobId = id('The id of the job.');
export const runId = id('The id of the run.');

export const at = (what: string) => z.iso.datetime().describe(what);

export const text = (what: string, example: string) => z.string().meta({ description: what, examples: [example] });

export const duration = (what: string, example: string) => text(`${what} An ISO 8601 duration.`, example);

export const count = (what: string) => z.int().min(0).describe(what);

/** What a call did: its one possible word, or one of several. */
export const done = <const Words extends readonly [string, ...string[]]>(...words: Words) =>
  z.literal(words).describe('What the call did.');

/** The fields of a job's retry policy; see `retry` of SubmitJob. */
export const retryFields = {
  maxAttempts: count('The most attempts of a run, the first one among them.'),
  initialInterval: duration('The time before the second attempt.', 'PT1S'),
  backoffCoefficient: z.number().describe('By how much each further wait is longer than the one before: a factor.'),
  maxInterval: duration('The longest time between two attempts.', 'PT5M'),
};

export const handler = text('The handler that does the work.', 'http');

export const understoodAs = text('The schedule in words.', 'every weekday at 09:30, Europe/Lisbon time');
