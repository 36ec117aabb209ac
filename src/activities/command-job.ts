import { activityInfo } from '@temporalio/activity';
import { v5 as uuidv5 } from 'uuid';
import { decideCancel } from '../commands/cancel-job.js';
import { decidePause } from '../commands/pause-job.js';
import { decideResume } from '../commands/resume-job.js';
import { decideTrigger } from '../commands/trigger-job.js';
import { AppError } from '../domain/errors.js';
import type { Command } from '../domain/job.js';
import { wishOf, type JobRecord } from '../store/job-record.js';
import { changeJob, type JobChange } from '../store/jobs.js';
import { readRun } from '../store/run-view.js';
import type { WishAnswer } from '../workflows/messages.js';
import type { CommandActor } from './activities.js';
import type { SchedulerPorts } from './ports.js';

/** Names the runs that operators ask for, so that a repeated execution of the activity asks for no second one. */
const OPERATOR_RUNS = '6f1c1bd0-6a5c-4c6e-9d53-0a6c0a4b7a11';

/** Carries out a command from inside Temporal by the same decision, and in the same transaction, as the API does. */
export async function commandJob(
  ports: SchedulerPorts,
  input: { jobId: string; command: Command; actor: CommandActor },
): Promise<WishAnswer> {
  const { workflowExecution, activityId } = activityInfo();
  const runId = uuidv5(`${workflowExecution?.runId}/${activityId}`, OPERATOR_RUNS);
  const view = await readRun(ports.db, input.jobId, { runId });
  if (!view) throw new Error(`there is no job ${input.jobId}`);
  if (view.run) return { wish: wishOf(view.job, view.openRuns) };

  const which = { projectId: view.job.projectId, jobId: input.jobId };
  try {
    const { job, openRuns } = await changeJob(ports.db, which, input.actor, ports.clock, (current, now) => {
      const change = decide(current, input.command, runId, now);
      return change && { ...change, alreadyObserved: true };
    }).then((changed) => changed ?? view);
    return { wish: wishOf(job, openRuns) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    ports.logger.warn({ jobId: input.jobId, command: input.command, refusal: error.code }, 'a signal was ignored');
    return { wish: wishOf(view.job, view.openRuns) };
  }
}

function decide(job: JobRecord, command: Command, runId: string, now: number): JobChange | null {
  switch (command) {
    case 'pause':
      return decidePause(job, {}, now);
    case 'resume':
      return decideResume(job, {}, now).change;
    case 'cancel':
      return decideCancel(job, now);
    case 'trigger':
      return decideTrigger(job, { id: runId });
  }
}
