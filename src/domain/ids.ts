/** The project of an instance that has no other. Made by the first migration. */
export const DEFAULT_PROJECT_ID = '00000000-0000-7000-8000-000000000001';

/** What stands in the audit trail for a project where none is known. */
export const NO_PROJECT_ID = '00000000-0000-0000-0000-000000000000';

/** A job's workflow in Temporal. */
export function workflowIdOf(jobId: string): string {
  return `job/${jobId}`;
}

/** The workflow in Temporal of a run beside others of its job. */
export function runWorkflowIdOf(runId: string): string {
  return `run/${runId}`;
}

/** The task queue of the job workflows and their short activities. */
export const SCHEDULER_TASK_QUEUE = 'carillon-scheduler';

/** The task queue of the workers that execute the runs of a pool. */
export function executorTaskQueueOf(pool: string): string {
  return `carillon-pool-${pool}`;
}
