/** What the redrive of many runs is asked with, and answers. */
import { z } from 'zod';
import { runOutcomes, runTriggers } from '../domain/run.js';
import { instant, limits, shortText, strict } from './values.js';
import { oneOf } from './when.js';

/** The outcomes of a run that has ended, however. */
const ended = runOutcomes.filter((outcome) => outcome !== 'waiting' && outcome !== 'running');

const FASTEST_PER_MINUTE = 6_000;

export const RedriveRuns = z
  .strictObject(
    {
      from: instant.describe('Runs scheduled at this instant or later.'),
      to: instant.describe('Runs scheduled before this instant.').optional(),
      outcome: z
        .array(oneOf('an outcome', ended), 'outcome must be a list of outcomes')
        .min(1, 'outcome must name at least one outcome')
        .max(ended.length, `outcome must name at most ${ended.length} outcomes`)
        .default(['failed', 'timed_out'])
        .describe('Runs that ended so.'),
      job: z.uuid('job must be the id of a job').describe('Runs of this job.').optional(),
      handler: shortText('handler', 64)
        .describe('Runs of jobs that have this handler now.')
        .meta({ examples: ['http'] })
        .optional(),
      tag: shortText('tag', limits.tagLength)
        .describe('Runs of jobs that have this tag now.')
        .meta({ examples: ['reports'] })
        .optional(),
      errorCode: shortText('errorCode', 64)
        .describe('Runs whose last error has this code.')
        .meta({ examples: ['http_status'] })
        .optional(),
      trigger: oneOf('trigger', runTriggers).describe('Runs that there are for this reason.').optional(),
      dryRun: z.boolean('dryRun must be true or false').default(false).describe('Only count.'),
      perMinute: z
        .int('perMinute must be a whole number')
        .min(1, 'perMinute must be at least 1')
        .max(FASTEST_PER_MINUTE, `perMinute must be at most ${FASTEST_PER_MINUTE}`)
        .default(600)
        .describe('How many runs are put to work a minute, at most.'),
      reason: shortText('reason', limits.reasonLength)
        .describe('Why, for the history of each run.')
        .meta({ examples: ['The server is back.'] })
        .optional(),
    },
    strict,
  )
  .meta({ id: 'RedriveRuns' });
export type RedriveRuns = z.output<typeof RedriveRuns>;

export const RedriveAnswer = z
  .object({
    count: z.int().describe('How many runs are retried, or would be.'),
    notRetryable: z.int().describe('How many of the filter are left as they are, since their jobs take no retry.'),
    dryRun: z.boolean().describe('Whether they were only counted.'),
    perMinute: z.int().describe('How many runs are put to work a minute, at most.'),
    until: z.iso.datetime().optional().describe('When the last of them is put to work.'),
  })
  .meta({ id: 'RedriveAnswer' });

export const StopRedrivesAnswer = z
  .object({ count: z.int().describe('How many runs are not retried after all.') })
  .meta({ id: 'StopRedrivesAnswer' });
