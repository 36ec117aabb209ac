/** The quotas of a project: what an instance admin lets it use. */
import { z } from 'zod';
import { text } from './answers/fields.js';
import { strict } from './values.js';

const MOST_COUNTED = 2_000_000_000;
const MOST_BYTES = 2 ** 50;

const quota = (what: string) =>
  z
    .object({
      limit: z.number().nullable().describe('The most there may be; null: no limit.'),
      used: z.number().optional().describe('How much of it is used; counted only where there is a limit.'),
    })
    .describe(`${what}.`);

const meanings = {
  openJobs: 'Jobs that have not ended',
  submissionsPerDay: 'Jobs submitted or imported, and runs asked for now, in a day of UTC',
  runningRuns: 'Runs under way at once, if maxRunningRuns is not less',
  payloadBytes: 'Bytes of the payloads of all jobs, and of runs that have one of their own, as JSON',
  logBytesPerDay: 'Bytes that runs log in a day of UTC; each line counts for 64 more',
} as const;

export const Quotas = z
  .object({
    openJobs: quota(meanings.openJobs),
    submissionsPerDay: quota(meanings.submissionsPerDay),
    runningRuns: quota(meanings.runningRuns),
    payloadBytes: quota(meanings.payloadBytes),
    logBytesPerDay: quota(meanings.logBytesPerDay),
  })
  .meta({ id: 'Quotas' });

const limit = (name: keyof typeof meanings, range: { min: number; max: number }) =>
  z
    .int(`${name} must be a whole number or null`)
    .min(range.min, `${name} must be at least ${range.min}`)
    .max(range.max, `${name} must be at most ${range.max}`)
    .nullable()
    .optional()
    .describe(`${meanings[name]}; null: no limit.`);

export const SetQuotas = z
  .strictObject(
    {
      openJobs: limit('openJobs', { min: 0, max: MOST_COUNTED }),
      submissionsPerDay: limit('submissionsPerDay', { min: 0, max: MOST_COUNTED }),
      runningRuns: limit('runningRuns', { min: 1, max: MOST_COUNTED }),
      payloadBytes: limit('payloadBytes', { min: 0, max: MOST_BYTES }),
      logBytesPerDay: limit('logBytesPerDay', { min: 0, max: MOST_BYTES }),
    },
    strict,
  )
  .refine((given) => Object.keys(given).length > 0, 'must set at least one quota')
  .meta({ id: 'SetQuotas', description: 'What is left out stays.' });
export type SetQuotas = z.output<typeof SetQuotas>;

/** In the problem `quota_exceeded`: what stood in the way. */
export const ExceededQuota = z
  .object({
    name: text('The name of the quota, as in the answer of GET /api/project.', 'openJobs'),
    limit: z.number().describe('The limit, in the unit of the quota.'),
    used: z.number().describe('How much of it was used, without what was refused.'),
  })
  .meta({ id: 'ExceededQuota' });
