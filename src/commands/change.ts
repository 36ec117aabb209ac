import { AppError } from '../domain/errors.js';
import { changeJob, type ChangedJob, type Decide } from '../store/jobs.js';
import { noting } from './audit.js';
import { giveOn } from './grant-places.js';
import type { Caller, CommandPorts } from './ports.js';

/** One change of a job: decided on its locked row, committed, then dispatched in the background. */
export async function change(ports: CommandPorts, caller: Caller, jobId: string, decide: Decide): Promise<ChangedJob> {
  const which = { projectId: caller.projectId, jobId };
  return committed(
    ports,
    jobId,
    await changeJob(ports.db, which, caller.actor, ports.clock, noting(ports.audit, decide)),
  );
}

/** What follows a change that has committed: its dispatch, and that of the runs that get the places it freed; or `job_not_found`. */
export async function committed(
  ports: CommandPorts,
  jobId: string,
  changed: ChangedJob | undefined,
): Promise<ChangedJob> {
  if (!changed) throw new AppError('job_not_found', `There is no job ${jobId}.`);
  if (changed.changed) ports.onCommitted();
  await giveOn(ports, changed);
  return changed;
}
