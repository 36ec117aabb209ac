import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { SCHEDULER_TASK_QUEUE, workflowIdOf } from '../domain/ids.js';
import { isFinal } from '../domain/status.js';
import { orderOf } from '../domain/wish.js';
import type { Undispatched } from '../store/dispatches.js';
import { JOB_WORKFLOW_TYPE, searchAttributes, UPDATE_SIGNAL, type JobLife } from '../workflows/messages.js';

/** How long before a fire its run is handed to a worker, in milliseconds: what a timer and two task dispatches may cost. */
export const LEAD_MS = 1_500;

/** How a workflow lives, apart from its job's wish. */
export type LifeOptions = Partial<Pick<JobLife, 'leadMs' | 'turnsPerExecution' | 'ageAfterMs'>>;

/**
 * Tells Temporal the newest wish of a job: starts its workflow, or signals the one there is. The one way there, for
 * every change, and may be repeated at will: an open workflow is never started twice, and an old wish is ignored.
 */
export async function dispatch(client: Client, job: Undispatched, options: LifeOptions = {}): Promise<void> {
  const workflowId = workflowIdOf(job.jobId);
  const { wish } = job;
  if (isFinal(wish.status)) {
    // Nothing to start for a job that has ended; if its workflow has ended too, all is said.
    await client.workflow.getHandle(workflowId).signal(UPDATE_SIGNAL, wish).catch(ignoreNotFound);
    return;
  }
  const { jobId, projectId } = job;
  const life: JobLife = { jobId, projectId, wish, shownStatus: 'pending', leadMs: LEAD_MS, ...options };
  const start = {
    workflowId,
    taskQueue: SCHEDULER_TASK_QUEUE,
    workflowIdConflictPolicy: 'USE_EXISTING',
    // Whichever way an earlier one ended, the job has not: it is started again, and goes on from the ledger.
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    priority: orderOf(wish, projectId),
    typedSearchAttributes: new TypedSearchAttributes([
      { key: searchAttributes.jobId, value: jobId },
      { key: searchAttributes.project, value: projectId },
      { key: searchAttributes.handler, value: job.handler },
      { key: searchAttributes.jobStatus, value: 'pending' },
    ]),
  } as const;
  if (wish.generation === 1) await client.workflow.start(JOB_WORKFLOW_TYPE, { ...start, args: [life] });
  else {
    const signal = { signal: UPDATE_SIGNAL, signalArgs: [wish] };
    await client.workflow.signalWithStart(JOB_WORKFLOW_TYPE, { ...start, args: [life], ...signal });
  }
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}
