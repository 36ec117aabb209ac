import type { z } from 'zod';
import type {
  Job,
  JobStatusAnswer,
  JobSummary,
  LastRun as LastRunAnswer,
  LogsAnswer,
  WaitingAnswer,
} from '../contract/answers.js';
import { isoDuration } from '../contract/values.js';
import { isChained, type After } from '../domain/after.js';
import { isFinal } from '../domain/status.js';
import { describeChain, scheduleInputOf, type Waiting } from '../commands/index.js';
import { describeSchedule, parseSchedule } from '../schedule/index.js';
import type { JobListed } from '../store/job-list.js';
import type { JobRead, JobStanding, LastRun } from '../store/job-reads.js';
import type { JobRecord } from '../store/job-record.js';
import type { LogRecord } from '../store/log-reads.js';
import type { PayloadReader } from './payload-reader.js';

/** How what is stored looks in answers. Each field is named here: nothing gets out by being added to a table. */

export function standingAnswer(job: JobStanding, waiting: Waiting | null): JobStatusAnswer {
  return {
    jobId: job.id,
    status: job.status,
    ...optional('reason', job.endReason),
    lastUpdated: at(job.updatedAt),
    ...nextRunOf(job),
    ...(waiting && { waiting: waitingAnswer(waiting) }),
    ...(job.lastRun && { lastRun: lastRunAnswer(job.lastRun) }),
  };
}

export function jobSummary(job: JobListed): JobSummary {
  const next = isFinal(job.status) ? null : job.nextRunAt;
  return {
    jobId: job.id,
    jobName: job.name,
    jobType: job.type,
    status: job.status,
    ...optional('executionTime', atOrNone(next ?? job.lastScheduledFor ?? job.executionTime)),
    ...(job.frequency === null ? {} : { frequency: job.frequency }),
    timezone: job.timezone,
    priority: job.priority,
    handler: job.handler,
    tags: job.tags,
    createdAt: at(job.createdAt),
    lastUpdated: at(job.updatedAt),
  };
}

export function jobAnswer(
  { job, lastRun, endReason }: JobRead,
  waiting: Waiting | null,
  reader: PayloadReader | null,
): Job {
  const payload = reader?.payloadOf(job);
  return {
    jobId: job.id,
    jobName: job.name,
    jobType: job.type,
    status: job.status,
    ...optional('reason', endReason),
    ...optional('executionTime', atOrNone(job.executionTime)),
    ...(job.frequency === null ? {} : { frequency: job.frequency }),
    timezone: job.timezone,
    understoodAs: understoodAs(job),
    ...whenAnswer(job),
    overlap: job.overlap,
    catchUp: { policy: job.catchUp.policy, window: isoDuration(job.catchUp.windowMs) },
    priority: job.priority,
    handler: job.handler,
    ...(payload === undefined ? {} : { payload }),
    tags: job.tags,
    pool: job.pool,
    timeout: isoDuration(job.timeoutMs),
    ...(job.deadlineMs === null ? {} : { deadline: isoDuration(job.deadlineMs) }),
    ...afterAnswer(job.after),
    ...(job.concurrency === null ? {} : { concurrency: job.concurrency }),
    retry: {
      maxAttempts: job.retry.maxAttempts,
      initialInterval: isoDuration(job.retry.initialIntervalMs),
      backoffCoefficient: job.retry.backoffCoefficient,
      maxInterval: isoDuration(job.retry.maxIntervalMs),
      ...(job.retry.nonRetryable === undefined ? {} : { nonRetryable: job.retry.nonRetryable }),
    },
    ...nextRunOf(job),
    ...nextFireOf(job),
    ...(waiting && { waiting: waitingAnswer(waiting) }),
    ...(lastRun && { lastRun: lastRunAnswer(lastRun) }),
    ...(job.status === 'paused' && {
      pause: { ...optional('reason', job.pauseReason), ...optional('until', atOrNone(job.pauseUntil)) },
    }),
    runCount: job.runCount,
    failureCount: job.failureCount,
    generation: job.generation,
    createdBy: job.createdBy,
    createdAt: at(job.createdAt),
    lastUpdated: at(job.updatedAt),
  };
}

export function waitingAnswer({ code, sentence, heldBy, position, until, pool }: Waiting): WaitingAnswer {
  return {
    code,
    sentence,
    ...(heldBy ? { heldBy } : {}),
    ...(position === undefined ? {} : { position }),
    ...(until === undefined ? {} : { until: at(until) }),
    ...(pool === undefined ? {} : { pool }),
  };
}

export function logLine(line: LogRecord): LogsAnswer['logs'][number] {
  return {
    timestamp: at(line.at),
    message: line.message,
    level: line.level,
    runId: line.runId,
    attempt: line.attempt,
    ...(line.fields === null ? {} : { fields: line.fields }),
  };
}

function lastRunAnswer(run: LastRun): z.output<typeof LastRunAnswer> {
  return {
    runId: run.runId,
    scheduledFor: at(run.scheduledFor),
    ...optional('startedAt', atOrNone(run.startedAt)),
    ...optional('finishedAt', atOrNone(run.finishedAt)),
    outcome: run.outcome,
    ...optional('reason', run.reason),
  };
}

/** Nothing will run on schedule while the job is paused, nor once it has ended. */
function nextRunOf({ status, next }: Pick<JobRecord, 'status' | 'next'>): { nextRunAt?: string } {
  return status === 'paused' || isFinal(status) ? {} : optional('nextRunAt', atOrNone(next?.runAt ?? null));
}

/** The fire of the next run, where that is not when the run begins. */
function nextFireOf({ status, next }: JobRecord): { nextFireAt?: string } {
  const isShown = next !== null && next.fireAt !== next.runAt && status !== 'paused' && !isFinal(status);
  return isShown ? { nextFireAt: at(next.fireAt) } : {};
}

/** What a job says about when beside its execution time, frequency and time zone. */
function whenAnswer({ schedule, calendars, maxRuns }: JobRecord): Partial<Job> {
  const { startAt, endAt, jitterMs, spreadMs, dst, shift } = schedule;
  return {
    ...optional('startAt', atOrNone(startAt ?? null)),
    ...optional('endAt', atOrNone(endAt ?? null)),
    ...(maxRuns === null ? {} : { maxRuns }),
    ...(jitterMs === undefined ? {} : { jitter: isoDuration(jitterMs) }),
    ...(spreadMs === undefined ? {} : { spread: isoDuration(spreadMs) }),
    ...(dst === undefined ? {} : { dst }),
    ...(calendars.length === 0
      ? {}
      : { exclude: { calendars: calendars.map(({ name }) => name), ...(shift === undefined ? {} : { shift }) } }),
  };
}

function afterAnswer(after: After | null): Pick<Job, 'after' | 'waitAtMost'> {
  if (!after) return {};
  const sinceOf = (since: number | 'midnight') => ({ since: typeof since === 'number' ? isoDuration(since) : since });
  return {
    after: after.jobs.map(({ jobId, outcome, since }) => ({
      job: jobId,
      outcome,
      ...(since === undefined ? {} : sinceOf(since)),
    })),
    ...(after.waitAtMostMs === undefined ? {} : { waitAtMost: isoDuration(after.waitAtMostMs) }),
  };
}

/** The schedule in words; as it was written when newer rules no longer understand it. */
function understoodAs(job: JobRecord): string {
  if (job.after && isChained(job)) return describeChain(job.after);
  const parsed = parseSchedule(scheduleInputOf(job), true);
  return parsed.ok ? describeSchedule(parsed.schedule, job.maxRuns) : [job.frequency ?? ''].flat().join(', ');
}

export function at(instant: number): string {
  return new Date(instant).toISOString();
}

export function atOrNone(instant: number | null): string | null {
  return instant === null ? null : at(instant);
}

export function optional<Key extends string, Value>(key: Key, value: Value | null): { [K in Key]?: Value } {
  return value === null ? {} : ({ [key]: value } as { [K in Key]: Value });
}
