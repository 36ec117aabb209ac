import { Worker, type NativeConnection, type WorkerDeploymentOptions, type WorkerOptions } from '@temporalio/worker';
import type { ExecutorActivities, SchedulerActivities } from '../activities/activities.js';
import { executorTaskQueueOf, SCHEDULER_TASK_QUEUE } from '../domain/ids.js';
import { DEPLOYMENT } from './deployment.js';
import type { PoolIntake } from './slot-supplier.js';

/** What both kinds of worker share. */
export interface WorkerBase {
  connection: NativeConnection;
  namespace: string;
  identity: string;
  /** How long what runs may go on when the worker is told to stop, in milliseconds. */
  shutdownGraceMs: number;
}

/** A sleeping workflow in the cache costs about 0.36 MB; one that is not costs the reading of its history. */
const MAX_CACHED_WORKFLOWS = 1_500;
/** How long a workflow task waits for the node that has the workflow cached, which may have stopped, in milliseconds. */
const STICKY_WITHIN_MS = 3_000;
/** Fewer pollers leave tasks lying, more cost the server more than they bring (measured). */
const POLLERS = 20;
/** After the grace, how long cancelled runs may take to end before the process goes, in milliseconds. */
const FORCE_AFTER_MS = 1_500;

/**
 * A worker for the job workflows and their short activities.
 *
 * @param workflowBundle the path of the built bundle
 * @param buildId where given, the worker gets tasks only while its build is the current one
 */
export function createSchedulerWorker(
  base: WorkerBase,
  workflowBundle: string,
  buildId: string | undefined,
  activities: SchedulerActivities,
): Promise<Worker> {
  return Worker.create({
    ...options(base),
    taskQueue: SCHEDULER_TASK_QUEUE,
    workflowBundle: { codePath: workflowBundle },
    ...(buildId === undefined ? {} : { workerDeploymentOptions: versionOf(buildId) }),
    activities,
    maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
    stickyQueueScheduleToStartTimeout: STICKY_WITHIN_MS,
    maxConcurrentWorkflowTaskPolls: POLLERS,
    maxConcurrentActivityTaskPolls: 2,
  });
}

/** A worker that executes the runs of a pool. */
export function createExecutorWorker(
  base: WorkerBase,
  pool: string,
  supplier: PoolIntake['supplier'],
  activities: ExecutorActivities,
): Promise<Worker> {
  const unused = { type: 'fixed-size', numSlots: 2 } as const;
  return Worker.create({
    ...options(base),
    taskQueue: executorTaskQueueOf(pool),
    activities,
    tuner: {
      workflowTaskSlotSupplier: unused,
      localActivityTaskSlotSupplier: unused,
      nexusTaskSlotSupplier: unused,
      activityTaskSlotSupplier: supplier,
    },
    maxConcurrentActivityTaskPolls: POLLERS,
  });
}

/** Jobs sleep for years: they go on under whichever build is current when they wake, which replays what they did before. */
function versionOf(buildId: string): WorkerDeploymentOptions {
  const version = { deploymentName: DEPLOYMENT, buildId };
  return { useWorkerVersioning: true, version, defaultVersioningBehavior: 'AUTO_UPGRADE' };
}

function options(base: WorkerBase): Omit<WorkerOptions, 'taskQueue'> {
  return {
    connection: base.connection,
    namespace: base.namespace,
    identity: base.identity,
    shutdownGraceTime: base.shutdownGraceMs,
    shutdownForceTime: base.shutdownGraceMs + FORCE_AFTER_MS,
    // The answer to a heartbeat tells of a cancellation, and the SDK holds them back for up to a minute otherwise.
    maxHeartbeatThrottleInterval: 1_000,
    defaultHeartbeatThrottleInterval: 1_000,
  };
}
