import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { getExternalWorkflowHandle, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { runWorkflowIdOf } from '../domain/ids.js';
import { RUN_WORKFLOW_TYPE, type JobLife, type RunLife } from './messages.js';

/**
 * Gives each run that may go on beside others a workflow of its own; once the job is cancelled, cancels them. Which ones
 * have theirs is remembered only while they are open: what is started twice finds that it is.
 */
export async function handOver(life: JobLife): Promise<void> {
  const { handedOver = [], wish } = life;
  const { parallel = [] } = wish;
  if (wish.status === 'cancelled') for (const runId of handedOver) await stop(runId);
  else for (const runId of parallel) if (!handedOver.includes(runId)) await start(life, runId);
  if (parallel.length > 0 && wish.status !== 'cancelled') life.handedOver = parallel;
  else delete life.handedOver;
}

async function start({ jobId, projectId, wish }: JobLife, runId: string): Promise<void> {
  const { generation, pool, priorityKey, timeoutMs } = wish;
  const life: RunLife = { jobId, projectId, runId, wish: { generation, pool, priorityKey, timeoutMs } };
  try {
    await startChild(RUN_WORKFLOW_TYPE, {
      workflowId: runWorkflowIdOf(runId),
      args: [life],
      // The job's workflow continues as new, or ends, without them.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      priority: { priorityKey, fairnessKey: projectId },
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

async function stop(runId: string): Promise<void> {
  try {
    await getExternalWorkflowHandle(runWorkflowIdOf(runId)).cancel();
  } catch {
    // It has ended by itself.
  }
}
