import { changedFields, NOT_TOLD, type AuditFields, type AuditTarget } from '../domain/audit.js';
import type { AuditEntry } from '../store/audit.js';
import type { Queries } from '../store/database.js';
import type { JobRecord } from '../store/job-record.js';
import type { Decide, JobChange } from '../store/jobs.js';
import type { NewJob } from '../store/new-jobs.js';

/** What a command tells of a change, for the audit trail: never payloads, results or secrets. */
export interface AuditNotes {
  /** Where it is not the caller's project that changes. */
  projectId?: string;
  /** Where the path of the call does not end with it. */
  target?: AuditTarget;
  /** The fields that changed, by their public names, as they were; none for what is new. */
  before?: AuditFields;
  after?: AuditFields;
  /** Nothing is changed: the call leaves no entry. */
  isUnchanged?: boolean;
}

/** What the entry of a call says is gathered while it is carried out, and written as it commits. */
export interface AuditDraft {
  note(notes: AuditNotes): void;
  /** For a change that is one statement: it writes this entry itself, and needs no transaction. */
  alone(notes: AuditNotes): { db: Queries; entry: AuditEntry };
}

/** How many ids of what a call made are told. */
const MOST_IDS = 100;

/** Decides as `decide` does, and notes what that changes of the job. */
export function noting(audit: AuditDraft | undefined, decide: Decide): Decide {
  if (!audit) return decide;
  // Of a job that there is not, nothing is decided.
  audit.note({ isUnchanged: true });
  return async (job, now, tx) => {
    const change = await decide(job, now, tx);
    if (change) audit.note({ ...jobNotes(job, change), isUnchanged: false });
    return change;
  };
}

/** What a change makes of a job, as the audit trail tells it. */
function jobNotes(job: JobRecord, change: JobChange): AuditNotes {
  const { newRuns = [], event } = change;
  const { when, ...set } = change.set;
  const fields = changedFields(jobFields(job), jobFields({ ...job, ...set, ...when, status: change.status }));
  const { fields: _fields, ...data } = event.data ?? {};
  return {
    before: fields.before,
    after: {
      ...fields.after,
      // Also of one that is the same again: sealed, they do not compare.
      ...('payload' in set && { payload: NOT_TOLD }),
      ...data,
      ...(newRuns.length > 0 && { runs: newRuns.slice(0, MOST_IDS).map((run) => run.id) }),
      ...(newRuns.some((run) => run.payload !== undefined && run.trigger === 'manual') && { payload: NOT_TOLD }),
    },
  };
}

/** What a new job is, as the audit trail tells it. */
export function newJobNotes(job: NewJob): AuditNotes {
  const all = { ...job, status: 'pending' as const, pauseReason: null, pauseUntil: null };
  const { after } = changedFields({}, jobFields(all));
  return {
    target: { kind: 'job', id: job.id },
    after: { ...after, ...(job.payload !== undefined && { payload: NOT_TOLD }) },
  };
}

/** What several new jobs are. */
export function newJobsNotes(jobs: readonly NewJob[], refused = 0): AuditNotes {
  const ids = jobs.slice(0, MOST_IDS).map((job) => job.id);
  return { after: { count: jobs.length, jobs: ids, ...(refused > 0 && { refused }) } };
}

type Told = Omit<NewJob, 'settledUntil' | 'next' | 'settleAt' | 'payload'> &
  Pick<JobRecord, 'status' | 'pauseReason' | 'pauseUntil'>;

/** The fields of a job that users set, by their public names, without its payload. Durations are milliseconds. */
function jobFields(job: Told): AuditFields {
  return {
    jobName: job.name,
    jobType: job.type,
    status: job.status,
    handler: job.handler,
    priority: job.priority,
    tags: job.tags,
    pool: job.pool,
    executionTime: instantOf(job.executionTime),
    frequency: job.frequency,
    timezone: job.timezone,
    schedule: job.schedule,
    exclude: job.calendars.map((calendar) => calendar.name),
    maxRuns: job.maxRuns,
    overlap: job.overlap,
    catchUp: job.catchUp,
    timeoutMs: job.timeoutMs,
    deadlineMs: job.deadlineMs,
    concurrency: job.concurrency,
    after: job.after,
    retry: job.retry,
    pauseReason: job.pauseReason,
    pauseUntil: instantOf(job.pauseUntil),
  };
}

function instantOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
