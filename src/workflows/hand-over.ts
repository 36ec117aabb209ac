import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { getExternalWorkflowHandle, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { runWorkflowIdOf } from '../domain/ids.js';
import { orderOf } from '../domain/wish.js';
import { RUN_WORKFLOW_TYPE, type JobLife, type RunLife } from './messages.js';

/**
 * Gives each run that may go on beside others a workflow of its own; once the job is cancelled, cancels them. Which ones
 * have theirs is remembered while they are open. Answers whether each has one that was started here: another one, found
 * open, may be about to end without having run (its job was paused for a moment), and is to be looked at again.
 */
export async function handOver(life: JobLife): Promise<boolean> {
  const { handedOver = [], wish } = life;
  const { parallel = [] } = wish;
  if (wish.status === 'cancelled') {
    for (const runId of handedOver) await stop(runId);
    delete life.handedOver;
    return true;
  }
  await stopCancelled(life);
  const begun: string[] = [];
  for (const runId of parallel) if (handedOver.includes(runId) || (await start(life, runId))) begun.push(runId);
  if (begun.length > 0) life.handedOver = begun;
  else delete life.handedOver;
  return begun.length === parallel.length;
}

/**
 * Cancels the workflows of the runs that are to be stopped, each once; also of those that were found open, and not started
 * here.
 */
async function stopCancelled(life: JobLife): Promise<void> {
  const { stopped = [], wish } = life;
  const beside = new Set([...(life.handedOver ?? []), ...(wish.parallel ?? [])]);
  const toStop = (wish.stop ?? []).map((run) => run.runId).filter((runId) => beside.has(runId));
  for (const runId of toStop) if (!stopped.includes(runId)) await stop(runId);
  if (toStop.length > 0) life.stopped = toStop;
  else delete life.stopped;
}

/** Whether the run's workflow was started; false when there is one. */
async function start({ jobId, projectId, wish, ageAfterMs }: JobLife, runId: string): Promise<boolean> {
  const { generation, pool, priorityKey, weight, timeoutMs } = wish;
  const told = { generation, pool, priorityKey, timeoutMs, ...(weight === undefined ? {} : { weight }) };
  const life: RunLife = { jobId, projectId, runId, wish: told, ...(ageAfterMs === undefined ? {} : { ageAfterMs }) };
  try {
    await startChild(RUN_WORKFLOW_TYPE, {
      workflowId: runWorkflowIdOf(runId),
      args: [life],
      // The job's workflow continues as new, or ends, without them.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      priority: orderOf(wish, projectId),
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

async function stop(runId: string): Promise<void> {
  try {
    await getExternalWorkflowHandle(runWorkflowIdOf(runId)).cancel();
  } catch {
    // It has ended by itself.
  }
}
