import { z } from 'zod';
import { flag } from './queries.js';
import { json, limits } from './values.js';

/** The text of a crontab. */
export const CrontabText = z.string().meta({ description: 'A crontab, as crontab(5) has it.' });

export const ImportQuery = z.strictObject({
  dryRun: flag('dryRun').describe('Tells what would be imported, and imports nothing.'),
  handler: z
    .string()
    .min(1, 'handler must not be empty')
    .max(64, 'handler must have at most 64 characters')
    .describe(
      'What runs the commands: it gets `{command, stdin?}` as its payload. Left out, plain calls of a URL (curl, wget) are run by `http`, and others by `command`, where that is allowed.',
    )
    .optional(),
  format: z
    .enum(['user', 'system'], 'format must be user or system')
    .default('user')
    .describe('`system`: each line names a user before its command, as in /etc/crontab.'),
  timezone: z
    .string()
    .max(limits.timezoneLength, `timezone must have at most ${limits.timezoneLength} characters`)
    .describe('Where no CRON_TZ says otherwise; UTC when left out.')
    .optional(),
});
export type ImportQuery = z.output<typeof ImportQuery>;

export const ImportAnswer = z
  .object({
    dryRun: z.boolean(),
    jobs: z.array(
      z.object({
        line: z.int(),
        jobId: z.uuid().optional().describe('Left out in a dry run.'),
        jobName: z.string(),
        frequency: z.string(),
        timezone: z.string(),
        handler: z.string(),
        payload: json.optional(),
        understoodAs: z.string(),
        nextRunAt: z.iso.datetime(),
        notes: z.array(z.string()).describe('What of the line is not taken over.'),
      }),
    ),
    problems: z
      .array(z.object({ line: z.int(), text: z.string(), message: z.string() }))
      .describe('Lines that cannot be taken. With any, nothing is imported.'),
  })
  .meta({ id: 'ImportAnswer' });
export type ImportAnswer = z.output<typeof ImportAnswer>;
