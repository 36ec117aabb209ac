/** What calls about jobs answer with. */
import { z } from 'zod';
import { afterOutcomes } from '../../domain/after.js';
import { onLimits } from '../../domain/concurrency.js';
import { catchUps, overlapPolicies, priorities } from '../../domain/job.js';
import { runOutcomes } from '../../domain/run.js';
import { jobStatuses } from '../../domain/status.js';
import { json } from '../values.js';
import { Waiting } from './waiting.js';
import { at, count, done, duration, handler, id, jobId, retryFields, runId, text, understoodAs } from './fields.js';

export const JobCommandAnswer = z
  .object({ jobId, status: done('submitted', 'updated', 'cancelled', 'paused', 'resumed') })
  .meta({ id: 'JobCommandAnswer' });

export const ResumeAnswer = z
  .object({
    jobId,
    status: done('resumed'),
    fires: z.int().describe('How many fires passed during the pause.'),
    caughtUp: z.int().describe('How many of them run now.'),
  })
  .meta({ id: 'ResumeAnswer' });

export const TriggerAnswer = z
  .object({ jobId, runId: id('The id of the new run.'), status: done('triggered') })
  .meta({ id: 'TriggerAnswer' });

const status = z
  .enum(jobStatuses)
  .describe(
    'How the job stands. pending: it waits for its next fire. running: a run is under way. paused: no run begins on schedule. completed, failed, cancelled: it has ended.',
  );
const lastUpdated = at('When its status or its definition last changed.');
const nextRunAt = at('When its next run begins; left out when none is to come, and while it is paused.');

export const LastRun = z
  .object({
    runId,
    scheduledFor: at('The fire: its nominal time.'),
    startedAt: at('When its first attempt began.').optional(),
    finishedAt: at('When it ended.').optional(),
    outcome: z.enum(runOutcomes).describe('How it stands or ended; see Run.'),
    reason: text('Why it ended so.', 'Attempt 3 of 3 failed (http_status).').optional(),
  })
  .meta({ id: 'LastRun' });
const reason = text(
  'Why it ended, where that was because of a job that it follows.',
  'The job 0198c0de-7a1b-7c3d-8e4f-1234567890ab, which it follows, has ended, and not as it was to.',
);
const waiting = Waiting.describe('Why what is due has not begun.');
const lastRun = LastRun.describe('The run that began last.');

export const JobStatusAnswer = z
  .object({
    jobId,
    status,
    reason: reason.optional(),
    lastUpdated,
    nextRunAt: nextRunAt.optional(),
    waiting: waiting.optional(),
    lastRun: lastRun.optional(),
  })
  .meta({ id: 'JobStatusAnswer' });
export type JobStatusAnswer = z.output<typeof JobStatusAnswer>;

export const JobSummary = z
  .object({
    jobId,
    jobName: text('What people call the job.', 'Morning report'),
    jobType: z.enum(['one-time', 'recurring']).describe('Whether it runs once, or again and again.'),
    status,
    executionTime: at('The next fire, else the last.').optional(),
    frequency: z
      .union([z.string(), z.array(z.string())])
      .describe('How often a recurring job runs, as it was written.')
      .meta({ examples: ['30 9 * * MON-FRI'] })
      .optional(),
    timezone: text('The IANA time zone of its schedule.', 'Europe/Lisbon'),
    priority: z.enum(priorities).describe('Which of several due runs of the project are taken first.'),
    handler,
    tags: z
      .array(z.string())
      .describe('Words to find it by.')
      .meta({ examples: [['reports']] }),
    createdAt: at('When it was submitted.'),
    lastUpdated,
  })
  .meta({ id: 'JobSummary' });
export type JobSummary = z.output<typeof JobSummary>;

const catchUp = z.object({
  policy: z.enum(catchUps).describe('Which of several late fires run.'),
  window: duration('A fire that is later than this is missed.', 'PT1H'),
});

const dst = z.object({
  gap: z
    .enum(['shift', 'skip'])
    .describe('Of a local time that the clock skips: it runs later, or not that day.')
    .optional(),
  overlap: z
    .enum(['first', 'both'])
    .describe('Of a local time that the clock shows twice: it runs once, or both times.')
    .optional(),
});

const exclude = z.object({
  calendars: z
    .array(z.string())
    .describe('The names of the calendars.')
    .meta({ examples: [['holidays']] }),
  shift: z.enum(['next', 'previous']).describe('Where a fire on an excluded day moves to.').optional(),
});

const followed = z.object({
  job: id('The id of the job that is followed.'),
  outcome: z.enum(afterOutcomes).describe('How its run has to have ended.'),
  since: text('From when on a run counts: midnight, or an ISO 8601 duration back from the fire.', 'PT6H').optional(),
});

const concurrency = z.object({
  key: text('Runs of the project that name the same key share its places.', 'warehouse'),
  limit: count('How many may be under way at once.'),
  onLimit: z.enum(onLimits).describe('What a run does that finds no place.'),
});

const retry = z.object({
  ...retryFields,
  nonRetryable: z
    .array(z.string())
    .describe('Error codes after which no further attempt is made.')
    .meta({ examples: [['http_status']] })
    .optional(),
});

const pause = z.object({
  reason: text('Why it is paused, as was said.', 'The target is being moved.').optional(),
  until: at('When the pause ends by itself.').optional(),
});

export const Job = z
  .object({
    ...JobSummary.shape,
    executionTime: at('The instant of a one-time job, or the anchor of a recurring one.').optional(),
    understoodAs,
    startAt: at('Nothing fires before it.').optional(),
    endAt: at('Nothing fires after it.').optional(),
    maxRuns: z.int().describe('After so many runs on schedule the job is completed.').optional(),
    jitter: duration('Each fire is put off by a part of this.', 'PT30S').optional(),
    spread: duration('Every fire is put off by the same part of this.', 'PT1H').optional(),
    dst: dst.describe('What becomes of local times that the clock skips, or shows twice.').optional(),
    exclude: exclude.describe('The calendars on whose days it does not run.').optional(),
    overlap: z.enum(overlapPolicies).describe('What a fire does that comes due while a run is under way.'),
    catchUp: catchUp.describe('What becomes of fires that nothing could run in time.'),
    payload: json.describe('What the handler gets; shown with the permission payload:read.').optional(),
    pool: text('The workers that run it: those that serve this pool.', 'default'),
    timeout: duration('The longest an attempt may take.', 'PT30S'),
    deadline: duration('The longest a run may take, from the start of its first attempt on.', 'PT1H').optional(),
    after: z.array(followed).optional().describe('The jobs that this one follows.'),
    waitAtMost: duration('How long after its fire a run waits for the jobs in after.', 'PT2H').optional(),
    concurrency: concurrency.describe('How many runs may be under way at once, over all jobs of the key.').optional(),
    retry: retry.describe('How failed attempts are tried again.'),
    generation: z.int().describe('How many times the job was changed by a call, its submission being the first.'),
    reason: reason.optional(),
    nextRunAt: nextRunAt.optional(),
    waiting: waiting.optional(),
    lastRun: lastRun.optional(),
    nextFireAt: at('The fire of the next run, where spread or jitter put it off.').optional(),
    runCount: count('How many runs have begun.'),
    failureCount: count('How many runs failed or timed out.'),
    pause: pause.describe('The pause, while it is paused.').optional(),
    createdBy: text('Who submitted it: the id of an API key, or of a user.', '62lgpbfc7dwf63dc'),
  })
  .meta({ id: 'Job' });
export type Job = z.output<typeof Job>;
