import { setImmediate } from 'node:timers/promises';
import type { SubmitJob } from '../contract/messages.js';
import { AppError, type Problem } from '../domain/errors.js';
import { lockCalendars } from '../store/calendars.js';
import { insertJobs, type NewJob } from '../store/new-jobs.js';
import { newJobsNotes } from './audit.js';
import type { Caller, CommandPorts } from './ports.js';
import { newJob } from './submit-job.js';

/** A job of a batch: what was understood, or why it can't be. */
export type BatchItem = SubmitJob | AppError;

/**
 * Takes the jobs of a batch in, in one transaction. One that is refused leaves the others alone; with `atomic` it keeps
 * all of them out.
 *
 * @returns for each item in order its id, or why it was refused; the pointers lead from the item on
 */
export async function submitBatch(
  ports: CommandPorts,
  caller: Caller,
  items: readonly BatchItem[],
  { atomic }: { atomic: boolean },
): Promise<({ jobId: string } | AppError)[]> {
  const results = await ports.db.transaction(async (tx) => {
    // All at first: whoever changes a calendar holds it and then waits for what the jobs below may hold.
    const names = items.flatMap((item) => (item instanceof AppError ? [] : (item.exclude?.calendars ?? [])));
    if (names.length > 0) await lockCalendars(tx, caller.projectId, [...new Set(names)]);
    const made: (NewJob | AppError)[] = [];
    for (const item of items) {
      // A schedule can take milliseconds to understand: other requests get their turn in between.
      await setImmediate();
      made.push(item instanceof AppError ? item : await newJob(ports, tx, caller, item).catch(refusalOnly));
    }
    if (atomic) refuseAny(made);
    const jobs = made.flatMap((one) => (one instanceof AppError ? [] : [one]));
    if (jobs.length > 0) await insertJobs(tx, jobs);
    ports.audit?.note(newJobsNotes(jobs, made.length - jobs.length));
    return made.map((one) => (one instanceof AppError ? one : { jobId: one.id }));
  });
  if (results.some((one) => !(one instanceof AppError))) ports.onCommitted();
  return results;
}

function refusalOnly(error: unknown): AppError {
  if (error instanceof AppError) return error;
  throw error;
}

function refuseAny(made: readonly (NewJob | AppError)[]): void {
  const refused = made.flatMap((one, index) => (one instanceof AppError ? [inBatch(one, index)] : []));
  const [first] = refused;
  if (!first) return;
  const detail = `${refused.length} of ${made.length} jobs cannot be taken, so none was; the first of them: ${first.message}`;
  throw new AppError(first.code, detail, { problems: refused.flatMap((one) => one.problems) });
}

/** The refusal of a job as a part of the batch: its pointers lead into the whole body. */
export function inBatch(refusal: AppError, index: number): AppError {
  const moved = ({ pointer = '', ...rest }: Problem): Problem => ({ ...rest, pointer: `/jobs/${index}${pointer}` });
  return new AppError(refusal.code, refusal.message, { problems: refusal.problems.map(moved), cause: refusal.cause });
}
