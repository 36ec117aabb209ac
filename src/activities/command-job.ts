import { activityInfo } from '@temporalio/activity';
import { v5 as uuidv5 } from 'uuid';
import { decideCancel } from '../commands/cancel-job.js';
import { giveOn } from '../commands/grant-places.js';
import { decidePause } from '../commands/pause-job.js';
import { decideResume } from '../commands/resume-job.js';
import { decideTrigger } from '../commands/trigger-job.js';
import { AppError } from '../domain/errors.js';
import { hasEventOfCommand } from '../store/events.js';
import type { JobRecord } from '../store/job-record.js';
import { wishOf } from '../store/wish-of.js';
import { changeJob, type JobChange } from '../store/jobs.js';
import { openRunsOf } from '../store/open-runs.js';
import { readRun } from '../store/run-view.js';
import type { WishAnswer } from '../workflows/messages.js';
import type { CommandInput } from './activities.js';
import type { SchedulerPorts } from './ports.js';
import { wishOfMissingJob } from './run-key.js';

/** Names the commands from inside Temporal, so that an activity that is executed again commands nothing twice. */
const COMMANDS = '6f1c1bd0-6a5c-4c6e-9d53-0a6c0a4b7a11';

/** Carries out a command from inside Temporal by the same decision, and in the same transaction, as the API does. */
export async function commandJob(ports: SchedulerPorts, input: CommandInput): Promise<WishAnswer> {
  const { workflowExecution, activityId, attempt } = activityInfo();
  const commandId = uuidv5(`${workflowExecution?.runId}/${activityId}`, COMMANDS);
  const view = await readRun(ports.db, input.jobId);
  if (!view) return { wish: wishOfMissingJob(input) };
  const newest = { wish: wishOf(view.job, view.openRuns) };
  if (attempt > 1 && (await hasEventOfCommand(ports.db, input.jobId, commandId))) return newest;

  const which = { projectId: view.job.projectId, jobId: input.jobId };
  try {
    const changed = await changeJob(ports.db, which, input.actor, ports.clock, async (job, now, tx) => {
      const hasOpenRuns = (await openRunsOf(tx, job.id)).length > 0;
      const change = decide(job, input, { runId: commandId, now, hasOpenRuns });
      const event = change && { ...change.event, data: { ...change.event.data, commandId } };
      return change && event && { ...change, event, alreadyObserved: true };
    });
    if (changed) await giveOn(ports, changed);
    return changed ? { wish: wishOf(changed.job, changed.openRuns) } : newest;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    ports.logger.warn({ jobId: input.jobId, code: error.code }, `the signal ${input.command} was ignored`);
    return newest;
  }
}

function decide(
  job: JobRecord,
  input: CommandInput,
  { runId, now, hasOpenRuns }: { runId: string; now: number; hasOpenRuns: boolean },
): JobChange | null {
  switch (input.command) {
    case 'pause':
      return decidePause(job, {}, now);
    case 'resume': {
      const isOfAnotherPause = input.pauseUntil !== undefined && job.pauseUntil !== input.pauseUntil;
      // A pause whose end was noticed late was over in time all the same: the fires since are late, not paused.
      const endedAt = Math.min(now, input.pauseUntil ?? now);
      return isOfAnotherPause ? null : decideResume(job, {}, endedAt, hasOpenRuns).change;
    }
    case 'cancel':
      return decideCancel(job, now);
    case 'trigger':
      return decideTrigger(job, { id: runId });
  }
}
