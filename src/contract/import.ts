import { z } from 'zod';
import { at, handler, id, text, understoodAs } from './answers/fields.js';
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
    .meta({ examples: ['command'] })
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
    .describe('The IANA time zone where no CRON_TZ says otherwise; UTC when left out.')
    .meta({ examples: ['Europe/Lisbon'] })
    .optional(),
});
export type ImportQuery = z.output<typeof ImportQuery>;

const line = z.int().describe('The number of the line, from 1 on.');

const ImportedJob = z.object({
  line,
  jobId: id('The id of the job; left out in a dry run.').optional(),
  jobName: text('What people call the job.', 'Morning report'),
  frequency: text('How often it runs.', '30 9 * * 1-5'),
  timezone: text('The IANA time zone of its schedule.', 'Europe/Lisbon'),
  handler,
  payload: json.describe('What the handler gets.').optional(),
  understoodAs,
  nextRunAt: at('When its next run begins.'),
  notes: z.array(z.string()).describe('What of the line is not taken over.'),
});

const ImportProblem = z.object({
  line,
  text: text('The line.', '61 * * * * backup'),
  message: text('Why it cannot be taken, for people.', 'the minute must be 0 to 59'),
});

export const ImportAnswer = z
  .object({
    dryRun: z.boolean().describe('Whether nothing was imported.'),
    jobs: z.array(ImportedJob).describe('The jobs, in the order of their lines.'),
    problems: z.array(ImportProblem).describe('Lines that cannot be taken. With any, nothing is imported.'),
  })
  .meta({ id: 'ImportAnswer' });
export type ImportAnswer = z.output<typeof ImportAnswer>;
