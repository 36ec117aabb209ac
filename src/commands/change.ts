import { AppError } from '../domain/errors.js';
import type { JobRecord } from '../store/job-record.js';
import { changeJob, type ChangedJob, type JobChange } from '../store/jobs.js';
import type { Caller, CommandPorts } from './ports.js';

/** One change of a job: decided on its locked row, committed, then dispatched in the background. */
export async function change(
  ports: CommandPorts,
  caller: Caller,
  jobId: string,
  decide: (job: JobRecord, now: number) => JobChange | null,
): Promise<ChangedJob> {
  const changed = await changeJob(ports.db, { projectId: caller.projectId, jobId }, caller.actor, ports.clock, decide);
  if (!changed) throw new AppError('job_not_found', `There is no job ${jobId}.`);
  if (changed.changed) ports.onCommitted();
  return changed;
}
