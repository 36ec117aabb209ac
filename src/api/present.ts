import type { z } from 'zod';
import type {
  Job,
  JobStatusAnswer,
  JobSummary,
  LastRun as LastRunAnswer,
  LogsAnswer,
  Run,
} from '../contract/messages.js';
import { isoDuration } from '../contract/values.js';
import { isFinal, type JobStatus } from '../domain/status.js';
import { parseSchedule } from '../schedule/index.js';
import type { JobListed } from '../store/job-list.js';
import type { JobStanding, LastRun } from '../store/job-reads.js';
import type { JobRecord } from '../store/job-record.js';
import type { LogRecord } from '../store/log-reads.js';
import type { RunRecord } from '../store/run-reads.js';

/** How what is stored looks in answers. Each field is named here: nothing gets out by being added to a table. */

/** Stands for what the handler of a failed run said, where the caller may not see what jobs work with. */
const HIDDEN = 'Shown only with the permission payload:read.';

export function standingAnswer(job: JobStanding): JobStatusAnswer {
  return {
    jobId: job.jobId,
    status: job.status,
    lastUpdated: at(job.updatedAt),
    ...nextRunOf(job),
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
    ...optional('frequency', job.frequency),
    timezone: job.timezone,
    priority: job.priority,
    handler: job.handler,
    tags: job.tags,
    createdAt: at(job.createdAt),
    lastUpdated: at(job.updatedAt),
  };
}

export function jobAnswer(job: JobRecord, lastRun: LastRun | null, mayReadPayload: boolean): Job {
  return {
    jobId: job.id,
    jobName: job.name,
    jobType: job.type,
    status: job.status,
    ...optional('executionTime', atOrNone(job.executionTime)),
    ...optional('frequency', job.frequency),
    timezone: job.timezone,
    understoodAs: understoodAs(job),
    priority: job.priority,
    handler: job.handler,
    ...(mayReadPayload && job.payload !== undefined ? { payload: job.payload } : {}),
    tags: job.tags,
    timeout: isoDuration(job.timeoutMs),
    retry: {
      maxAttempts: job.retry.maxAttempts,
      initialInterval: isoDuration(job.retry.initialIntervalMs),
      backoffCoefficient: job.retry.backoffCoefficient,
      maxInterval: isoDuration(job.retry.maxIntervalMs),
    },
    ...nextRunOf(job),
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

export function runAnswer(run: RunRecord, mayReadPayload: boolean): Run {
  return {
    runId: run.id,
    jobId: run.jobId,
    trigger: run.trigger,
    scheduledFor: at(run.scheduledFor),
    ...optional('scheduledUntil', atOrNone(run.scheduledUntil)),
    fireCount: run.fireCount,
    ...optional('startedAt', atOrNone(run.startedAt)),
    ...optional('finishedAt', atOrNone(run.finishedAt)),
    outcome: run.outcome,
    ...optional('reason', run.reason),
    attempts: run.attempts,
    generation: run.generation,
    ...(mayReadPayload && run.result !== undefined ? { result: run.result } : {}),
    ...(run.error && { error: { code: run.error.code, message: mayReadPayload ? run.error.message : HIDDEN } }),
    ...optional('node', run.node),
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
function nextRunOf(job: { status: JobStatus; nextRunAt: number | null }): { nextRunAt?: string } {
  return job.status === 'paused' || isFinal(job.status) ? {} : optional('nextRunAt', atOrNone(job.nextRunAt));
}

/** The schedule in words; as it was written when newer rules no longer understand it. */
function understoodAs({ type, executionTime, frequency, timezone }: JobRecord): string {
  const parsed = parseSchedule({
    jobType: type,
    executionTime: executionTime === null ? undefined : at(executionTime),
    frequency: frequency ?? undefined,
    timezone,
  });
  return parsed.ok ? parsed.understoodAs : (frequency ?? '');
}

function at(instant: number): string {
  return new Date(instant).toISOString();
}

function atOrNone(instant: number | null): string | null {
  return instant === null ? null : at(instant);
}

function optional<Key extends string>(key: Key, value: string | null): { [K in Key]?: string } {
  return value === null ? {} : ({ [key]: value } as { [K in Key]: string });
}
