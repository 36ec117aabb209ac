import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { workflowIdOf } from '../domain/ids.js';
import type { Clock } from '../platform/clock.js';
import { startRounds } from '../platform/rounds.js';
import type { Database } from '../store/database.js';
import { endAbandonedRuns, findQuietJobs, redispatch } from '../store/dispatches.js';
import type { Dispatcher } from './dispatcher.js';

export interface ReconcilerPorts {
  readonly db: Database;
  readonly clock: Pick<Clock, 'now'>;
  readonly client: Client;
  readonly logger: Logger;
  readonly dispatcher: Pick<Dispatcher, 'poke'>;
}

export interface ReconcilerOptions {
  /** How often to look, in milliseconds. */
  everyMs?: number;
  /** For how long nothing must have been heard of a job that should be at work, in milliseconds. */
  quietMs?: number;
}

/** How many jobs one round looks after: its work stays bounded, and the next round goes on. */
const JOBS_A_ROUND = 100;

/**
 * Starts the slow look at what no dispatch can know: jobs whose workflow went away (terminated by hand, or lost with its
 * server) while a fire is overdue or a run is open. They are dispatched again, and go on from the ledger.
 */
export function startReconciler(ports: ReconcilerPorts, options: ReconcilerOptions = {}): { stop(): Promise<void> } {
  const { everyMs = 15_000, quietMs = 20_000 } = options;
  return startRounds(
    everyMs,
    () => reconcile(ports, quietMs),
    (error) => ports.logger.warn({ err: error }, 'the reconciler could not work; it looks again'),
  );
}

/** One round: looks after the jobs of which nothing was heard for `quietMs`. */
export async function reconcile(ports: Omit<ReconcilerPorts, 'logger'>, quietMs: number): Promise<void> {
  const now = ports.clock.now();
  const quiet = await findQuietJobs(ports.db, JOBS_A_ROUND, { now, quietSince: now - quietMs });
  const lost: string[] = [];
  for (const jobId of quiet) if (!(await hasOpenWorkflow(ports.client, jobId))) lost.push(jobId);
  if (lost.length === 0) return;
  await endAbandonedRuns(ports.db, lost, ports.clock.now());
  await redispatch(ports.db, lost, ports.clock.now());
  ports.dispatcher.poke();
}

async function hasOpenWorkflow(client: Client, jobId: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(workflowIdOf(jobId)).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
