/** What calls about runs answer with. */
import { z } from 'zod';
import { runOutcomes, runTriggers } from '../../domain/run.js';
import { json } from '../values.js';
import { Waiting } from './waiting.js';
import { at, count, done, id, jobId, runId, text } from './fields.js';

const RunError = z.object({
  code: text('The error for programs: stable.', 'http_status'),
  message: text(
    'The error for people; shown with the permission payload:read.',
    'The server answered 503 Service Unavailable.',
  ),
});

const node = text('The node that had its last attempt, as GET /api/nodes names it.', 'worker-1-4711-9f3a2c');

const upstream = z.object({
  jobId: id('The id of the job that is followed.'),
  runId: id('The id of its run.'),
});

const progress = z.object({
  fraction: z.number().min(0).max(1).describe('The share that is done: 0 to 1.'),
  message: text('What it is doing.', 'row 1000 of 2000').optional(),
  at: at('When it said so.'),
});

const cancelRequested = z.object({
  by: text('The id of an API key, or of a user.', '62lgpbfc7dwf63dc'),
  at: at('When it was asked for.'),
  reason: text('Why, as was said.', 'It runs against the wrong server.').optional(),
});

export const Run = z
  .object({
    runId,
    jobId,
    trigger: z
      .enum(runTriggers)
      .describe(
        'Why there is a run: its fire came (schedule), somebody asked for it (manual), for the fires of a stretch (backfill) or for another run to be done again (retry), or the jobs that its job follows ended theirs (chain).',
      ),
    scheduledFor: at('The fire: its nominal time.'),
    effectiveAt: at('When the run was to begin, where spread or jitter put the fire off.').optional(),
    scheduledUntil: at('For a summary of several fires: the last of them.').optional(),
    fireCount: count('How many fires it stands for: 1, or more for a summary of fires that did not run.'),
    startedAt: at('When its first attempt began.').optional(),
    handlerStartedAt: at(
      'When the handler of its first attempt was called: told from the end of that attempt on.',
    ).optional(),
    finishedAt: at('When it ended.').optional(),
    outcome: z
      .enum(runOutcomes)
      .describe(
        'How it stands or ended. waiting: it has not begun. running: an attempt is under way or due. completed, failed, timed_out, cancelled: it ended so. skipped_overlap, skipped_excluded, skipped_paused: by the rules of its job it did not run. skipped_condition: what it waited for did not come. missed: nothing could run it in time.',
      ),
    reason: text('Why it ended so, or did not run.', 'The job was paused.').optional(),
    attempts: count('How many attempts have begun.'),
    generation: z.int().describe('The generation of the job that it runs.'),
    result: json.describe('What the handler returned; shown with the permission payload:read.').optional(),
    error: RunError.describe('Why its last attempt failed.').optional(),
    node: node.optional(),
    retryOf: id('The run that this one does again.').optional(),
    upstream: z.array(upstream).optional().describe('The runs whose end it follows.'),
    progress: progress.optional().describe('How far the attempt under way says it is.'),
    nextAttemptAt: at('When the next attempt begins, after one that failed.').optional(),
    cancelRequested: cancelRequested.optional().describe('Who asked for its end.'),
  })
  .meta({ id: 'Run' });
export type Run = z.output<typeof Run>;

/** A run in a list of runs of several jobs. */
export const ProjectRun = Run.extend({ jobName: text('What people call its job.', 'Morning report') }).meta({
  id: 'ProjectRun',
});
export type ProjectRun = z.output<typeof ProjectRun>;

/** One try of a run. */
export const Attempt = z
  .object({
    attempt: count('Its number, from 1 on.'),
    startedAt: at('When it began.').optional(),
    finishedAt: at('When it ended.').optional(),
    outcome: z
      .enum(['running', 'completed', 'failed', 'timed_out', 'cancelled', 'lost', 'stopped'])
      .describe('How it stands or ended. lost: its node went away. stopped: its node shut down.'),
    error: RunError.describe('Why it failed.').optional(),
    node: node.describe('The node that had it, as GET /api/nodes names it.').optional(),
  })
  .meta({ id: 'Attempt' });
export type Attempt = z.output<typeof Attempt>;

/** A run with its attempts. */
export const WholeRun = Run.extend({
  attemptList: z.array(Attempt).describe('Its attempts, oldest first.'),
  waiting: Waiting.optional().describe('Why it has not begun, or its next attempt.'),
}).meta({ id: 'WholeRun' });
export type WholeRun = z.output<typeof WholeRun>;

export const CancelRunAnswer = z.object({ jobId, runId, status: done('cancelling') }).meta({ id: 'CancelRunAnswer' });

const LogLine = z.object({
  timestamp: at('When it was written.'),
  message: text('What was written.', 'The report has 12 pages.'),
  level: z.enum(['debug', 'info', 'warn', 'error']).describe('How much it matters.'),
  runId: id('The id of the run that wrote it.'),
  attempt: count('The number of the attempt that wrote it.'),
  fields: json.describe('What was written beside the message.').optional(),
});

export const LogsAnswer = z
  .object({ jobId, logs: z.array(LogLine).describe('The lines, oldest first.') })
  .meta({ id: 'LogsAnswer' });
export type LogsAnswer = z.output<typeof LogsAnswer>;
