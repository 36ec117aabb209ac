import { wishOf } from '../store/job-record.js';
import { readRun } from '../store/run-view.js';
import type { ExecuteRunInput, WishAnswer } from '../workflows/messages.js';
import type { SchedulerActivities } from './activities.js';
import { commandJob } from './command-job.js';
import { finish } from './end-run.js';
import { withoutUserText } from './failure.js';
import { keyOf, wishOfMissingJob } from './run-key.js';
import type { SchedulerPorts } from './ports.js';

/** Makes the short activities beside the job workflows. */
export function createSchedulerActivities(ports: SchedulerPorts): SchedulerActivities {
  return {
    commandJob: (input) => withoutUserText(ports.logger, () => commandJob(ports, input)),
    recordOutcome: (input) => withoutUserText(ports.logger, () => recordOutcome(ports, input)),
  };
}

/** Ends a run whose worker could not: it was cancelled between two attempts, or no heartbeat came after a cancellation. */
async function recordOutcome(ports: SchedulerPorts, input: ExecuteRunInput): Promise<WishAnswer> {
  const view = await readRun(ports.db, input.jobId, keyOf(input));
  if (!view) return { wish: wishOfMissingJob(input) };
  const { job, run, openRuns } = view;
  if (run?.outcome !== 'running') return { wish: wishOf(job, openRuns) };

  const attempt = { runId: run.id, attempt: run.attempts, job, isManual: run.isManual };
  if (job.status === 'cancelled')
    return finish(ports, attempt, { outcome: 'cancelled', reason: 'The job was cancelled.' });
  const error = { code: 'worker_failed', message: 'No worker could end this run.' };
  return finish(ports, attempt, { outcome: 'failed', reason: error.message, error });
}
