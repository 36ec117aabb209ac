/** What calls answer with. */
import { z } from 'zod';
import { afterOutcomes } from '../domain/after.js';
import { onLimits } from '../domain/concurrency.js';
import { catchUps, overlapPolicies, priorities } from '../domain/job.js';
import { runOutcomes, runTriggers } from '../domain/run.js';
import { jobStatuses } from '../domain/status.js';
import { json } from './values.js';
import { ExceededQuota } from './quotas.js';

const id = z.uuid();
const at = z.iso.datetime();

export const JobCommandAnswer = z
  .object({ jobId: id, status: z.enum(['submitted', 'updated', 'cancelled', 'paused', 'resumed']) })
  .meta({ id: 'JobCommandAnswer' });

export const ResumeAnswer = z
  .object({
    jobId: id,
    status: z.literal('resumed'),
    fires: z.int().describe('How many fires passed during the pause.'),
    caughtUp: z.int().describe('How many of them run now.'),
  })
  .meta({ id: 'ResumeAnswer' });

export const TriggerAnswer = z
  .object({ jobId: id, runId: id, status: z.literal('triggered') })
  .meta({ id: 'TriggerAnswer' });

export const CancelRunAnswer = z
  .object({ jobId: id, runId: id, status: z.literal('cancelling') })
  .meta({ id: 'CancelRunAnswer' });

export const BackfillAnswer = z
  .object({
    jobId: id,
    count: z.int().describe('How many fires run, or would run.'),
    alreadyRan: z.int().describe('How many fires of the stretch have run before, and are left as they are.'),
    dryRun: z.boolean(),
  })
  .meta({ id: 'BackfillAnswer' });

const PreviewFire = z
  .object({
    local: z.string().describe('RFC 3339 with the offset that the zone has then.'),
    utc: at,
    effectiveAt: at
      .optional()
      .describe('When the run begins, where spread or jitter put the fire off; not known before there is the job.'),
    excluded: z.literal(true).optional().describe('It is in the ledger as skipped_excluded.'),
    notes: z.array(z.string()),
  })
  .meta({ id: 'PreviewFire' });
export type PreviewFire = z.output<typeof PreviewFire>;

export const PreviewAnswer = z
  .object({ understoodAs: z.string(), fires: z.array(PreviewFire) })
  .meta({ id: 'PreviewAnswer' });

export const UpdatePreview = z
  .object({
    jobId: id,
    status: z.literal('preview'),
    understoodAs: z.string().describe('The schedule as it would be, in words.'),
    disappear: z.array(PreviewFire).describe("Fires of today's schedule that would be no more."),
    appear: z.array(PreviewFire).describe("Fires that today's schedule does not have."),
    until: at.optional().describe('How far both were compared; without it, to their ends.'),
  })
  .meta({ id: 'UpdatePreview' });

export const UpdateAnswer = z.union([JobCommandAnswer, UpdatePreview]);

/** Why a job did, did not, or will run at an instant: stable words for programs. */
export const explanations = [
  'ran',
  'did_not_run',
  'under_way',
  'waiting',
  'will_run',
  'paused',
  'excluded',
  'overlapping',
  'overdue',
  'ended',
  'no_more_runs',
  'before_submission',
  'not_in_force',
  'no_fire',
] as const;

const RunError = z.object({ code: z.string(), message: z.string() });

export const LastRun = z
  .object({
    runId: id,
    scheduledFor: at,
    startedAt: at.optional(),
    finishedAt: at.optional(),
    outcome: z.enum(runOutcomes),
    reason: z.string().optional(),
  })
  .meta({ id: 'LastRun' });

export const JobStatusAnswer = z
  .object({
    jobId: id,
    status: z.enum(jobStatuses),
    lastUpdated: at,
    nextRunAt: at.optional(),
    lastRun: LastRun.optional(),
  })
  .meta({ id: 'JobStatusAnswer' });
export type JobStatusAnswer = z.output<typeof JobStatusAnswer>;

export const JobSummary = z
  .object({
    jobId: id,
    jobName: z.string(),
    jobType: z.enum(['one-time', 'recurring']),
    status: z.enum(jobStatuses),
    executionTime: at.optional().describe('The next fire, else the last.'),
    frequency: z.union([z.string(), z.array(z.string())]).optional(),
    timezone: z.string(),
    priority: z.enum(priorities),
    handler: z.string(),
    tags: z.array(z.string()),
    createdAt: at,
    lastUpdated: at,
  })
  .meta({ id: 'JobSummary' });
export type JobSummary = z.output<typeof JobSummary>;

export const Job = z
  .object({
    ...JobSummary.shape,
    executionTime: at.optional().describe('The instant of a one-time job, or the anchor of a recurring one.'),
    understoodAs: z.string().describe('The schedule in words.'),
    startAt: at.optional(),
    endAt: at.optional(),
    maxRuns: z.int().optional(),
    jitter: z.string().optional().describe('ISO 8601 duration.'),
    spread: z.string().optional().describe('ISO 8601 duration.'),
    dst: z
      .object({ gap: z.enum(['shift', 'skip']).optional(), overlap: z.enum(['first', 'both']).optional() })
      .optional(),
    exclude: z.object({ calendars: z.array(z.string()), shift: z.enum(['next', 'previous']).optional() }).optional(),
    overlap: z.enum(overlapPolicies),
    catchUp: z.object({ policy: z.enum(catchUps), window: z.string().describe('ISO 8601 duration.') }),
    payload: json.optional(),
    pool: z.string(),
    timeout: z.string().describe('ISO 8601 duration.'),
    deadline: z.string().optional().describe('ISO 8601 duration.'),
    after: z
      .array(z.object({ job: id, outcome: z.enum(afterOutcomes), since: z.string().optional() }))
      .optional()
      .describe('The jobs that this one follows.'),
    waitAtMost: z.string().optional().describe('ISO 8601 duration.'),
    concurrency: z.object({ key: z.string(), limit: z.int(), onLimit: z.enum(onLimits) }).optional(),
    retry: z.object({
      maxAttempts: z.int(),
      initialInterval: z.string(),
      backoffCoefficient: z.number(),
      maxInterval: z.string(),
      nonRetryable: z.array(z.string()).optional(),
    }),
    generation: z.int(),
    nextRunAt: at.optional(),
    lastRun: LastRun.optional(),
    nextFireAt: at.optional().describe('The fire of the next run, where spread or jitter put it off.'),
    runCount: z.int(),
    failureCount: z.int(),
    pause: z.object({ reason: z.string().optional(), until: at.optional() }).optional(),
    createdBy: z.string(),
  })
  .meta({ id: 'Job' });
export type Job = z.output<typeof Job>;

export const Run = z
  .object({
    runId: id,
    jobId: id,
    trigger: z.enum(runTriggers),
    scheduledFor: at.describe('The fire: its nominal time.'),
    effectiveAt: at.optional().describe('When the run was to begin, where spread or jitter put the fire off.'),
    scheduledUntil: at.optional().describe('For a summary of several fires: the last of them.'),
    fireCount: z.int(),
    startedAt: at.optional(),
    finishedAt: at.optional(),
    outcome: z.enum(runOutcomes),
    reason: z.string().optional(),
    attempts: z.int(),
    generation: z.int(),
    result: json.optional(),
    error: RunError.optional(),
    node: z.string().optional(),
    retryOf: id.optional().describe('The run that this one does again.'),
    upstream: z
      .array(z.object({ jobId: id, runId: id }))
      .optional()
      .describe('The runs whose end it follows.'),
    progress: z
      .object({ fraction: z.number(), message: z.string().optional(), at })
      .optional()
      .describe('How far the attempt under way says it is.'),
    nextAttemptAt: at.optional().describe('When the next attempt begins, after one that failed.'),
    cancelRequested: z
      .object({ by: z.string(), at, reason: z.string().optional() })
      .optional()
      .describe('Who asked for its end.'),
  })
  .meta({ id: 'Run' });
export type Run = z.output<typeof Run>;

/** A run in a list of runs of several jobs. */
export const ProjectRun = Run.extend({ jobName: z.string() }).meta({ id: 'ProjectRun' });
export type ProjectRun = z.output<typeof ProjectRun>;

/** One try of a run. */
export const Attempt = z
  .object({
    attempt: z.int(),
    startedAt: at.optional(),
    finishedAt: at.optional(),
    outcome: z
      .enum(['running', 'completed', 'failed', 'timed_out', 'cancelled', 'lost', 'stopped'])
      .describe('lost: its node went away. stopped: its node shut down.'),
    error: RunError.optional(),
    node: z.string().optional(),
  })
  .meta({ id: 'Attempt' });
export type Attempt = z.output<typeof Attempt>;

/** Why a run has not begun: stable words for programs. */
export const waitingCodes = [
  'paused',
  'concurrency',
  'project_limit',
  'condition',
  'behind',
  'no_scheduler',
  'dispatching',
  'no_worker',
  'busy',
  'retry',
  'starting',
] as const;

export const Waiting = z
  .object({
    code: z.enum(waitingCodes).describe('What is in its way, for programs.'),
    sentence: z.string().describe('The same for people.'),
    heldBy: z.array(id).optional().describe('The runs that have to end first; of many the oldest.'),
    position: z.int().optional().describe('Its place among those that wait for the same, from 1 on.'),
    until: at.optional().describe('When that ends by itself.'),
    pool: z.string().optional().describe('The workers that it waits for.'),
  })
  .meta({ id: 'Waiting' });
export type WaitingAnswer = z.output<typeof Waiting>;

/** A run with its attempts. */
export const WholeRun = Run.extend({
  attemptList: z.array(Attempt),
  waiting: Waiting.optional().describe('Why it has not begun, or its next attempt.'),
}).meta({ id: 'WholeRun' });
export type WholeRun = z.output<typeof WholeRun>;

export const ExplainAnswer = z
  .object({
    jobId: id,
    at,
    code: z.enum(explanations).describe('The explanation for programs.'),
    sentence: z.string().describe('The explanation for people.'),
    understoodAs: z.string().describe('The schedule as it is today, in words.'),
    fire: z
      .object({ scheduledFor: at, effectiveAt: at, local: z.string() })
      .optional()
      .describe('The fire that is explained; left out when there is none at that instant.'),
    notes: z.array(z.string()).describe('What is worth knowing about the fire: that the clock or a calendar moved it.'),
    run: Run.optional(),
    waiting: Waiting.optional().describe('Why it has not begun, where it is due or waits.'),
    before: at.optional().describe('The fire before it.'),
    after: at.optional().describe('The fire after it.'),
  })
  .meta({ id: 'ExplainAnswer' });
export type ExplainAnswer = z.output<typeof ExplainAnswer>;

export const LogsAnswer = z
  .object({
    jobId: id,
    logs: z.array(
      z.object({
        timestamp: at,
        message: z.string(),
        level: z.enum(['debug', 'info', 'warn', 'error']),
        runId: id,
        attempt: z.int(),
        fields: json.optional(),
      }),
    ),
  })
  .meta({ id: 'LogsAnswer' });
export type LogsAnswer = z.output<typeof LogsAnswer>;

const count = z.int().min(0);
const percent = z.int().min(0);

export const Node = z
  .object({
    node: z.string().describe('The name by which the ledger knows it: of one process, and never used again.'),
    role: z.enum(['scheduler', 'executor', 'all']),
    pools: z.array(z.string()).describe('The pools whose jobs it executes.'),
    version: z.string(),
    status: z
      .enum(['up', 'draining', 'lost'])
      .describe('draining: told to stop, it takes no further run. lost: not seen for 30 seconds.'),
    startedAt: at,
    lastSeenAt: at,
    load: z
      .object({
        running: count.describe('Handlers at work.'),
        waiting: count.describe('Due runs that wait for a place.'),
        held: count.describe('Runs taken before their instant, and requests for further ones.'),
        places: count.describe('Handlers that may be at work at once.'),
        cpu: percent.describe('Percent of all cores of its machine, over the last few seconds.'),
        memory: percent.describe('Percent of the memory that it may use.'),
      })
      .describe('As it was when the node was last seen.'),
  })
  .meta({ id: 'Node' });
export type Node = z.output<typeof Node>;

/** RFC 9457, with JSON pointers to what is wrong. */
export const ProblemAnswer = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    traceId: z.string(),
    quota: ExceededQuota.optional(),
    errors: z
      .array(
        z.object({
          pointer: z.string().optional(),
          line: z.int().optional(),
          parameter: z.string().optional(),
          message: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem' });
