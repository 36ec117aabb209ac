import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import PQueue from 'p-queue';
import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.js';
import type { Database } from '../store/database.js';
import { markDispatched, releaseDispatches, takeUndispatched, type Undispatched } from '../store/dispatches.js';
import { SCHEDULER_TASK_QUEUE } from '../domain/ids.js';
import { dispatch, type LifeOptions } from './dispatch.js';

const { TaskQueueType } = proto.temporal.api.enums.v1;

/** Sees to it that Temporal learns of every accepted change: projects in turn, of each the soonest due first. */
export interface Dispatcher {
  /** Something was committed: look now, not at the next round. */
  poke(): void;
  /** Ends after the batch under way. */
  stop(): Promise<void>;
}

/** Told of each batch: what Temporal took, and of how many jobs it did not. */
export type DispatchObserver = (batch: { dispatched: readonly Undispatched[]; failed: number }) => void;

export interface DispatcherPorts {
  readonly db: Database;
  readonly clock: Pick<Clock, 'now'>;
  readonly client: Client;
  readonly logger: Logger;
  readonly onDispatched?: DispatchObserver | undefined;
}

export interface DispatcherOptions {
  /** How many jobs are taken at a time. */
  batch?: number;
  /** How many are told to Temporal at once. */
  concurrency?: number;
  /** How often to look when nothing was said, in milliseconds: this finds what another process left undone. */
  idleMs?: number;
  life?: LifeOptions;
}

/** How long a batch keeps other dispatchers off, in milliseconds: when a process dies, its batch comes back after this. */
const LEASE_MS = 10_000;
/** How long Temporal may take to answer for one job, in milliseconds: a whole batch stays within its lease. */
const ANSWER_WITHIN_MS = 3_000;
/**
 * How many workflow tasks may wait in Temporal before jobs that are not due soon are kept back: a new workflow sleeps
 * only after its first task, and tasks are taken in their order, so one due soon would wait behind all of them.
 */
const MAX_BACKLOG = 50;
/** What is due sooner than this is dispatched all the same, in milliseconds. */
const URGENT_MS = 60_000;
/** How soon to look whether the backlog is gone, in milliseconds; each commit in between would look otherwise. */
const LOOK_AGAIN_MS = 100;
/** How soon a job that Temporal did not take is tried again, in milliseconds. */
const RETRY_MS = 2_000;

/**
 * Starts the loop that is dispatcher and reconciler in one: what was just committed and what a dead process left behind
 * are the same rows, `observed_generation < generation`, taken by the same statement. Any number of processes may run it.
 */
export function startDispatcher(ports: DispatcherPorts, options: DispatcherOptions = {}): Dispatcher {
  const { batch = 32, concurrency = 16, idleMs = 1_000, life = {} } = options;
  const queue = new PQueue({ concurrency });
  const alarm = createAlarm();
  let stopped = false;

  const loop = async () => {
    // After a full batch there is more: the next one follows at once, unless Temporal has yet to take in the last ones.
    let isMore = false;
    let lastProject: string | undefined;
    while (!stopped) {
      const isCrowded: boolean = isMore && (await backlogOf(ports.client)) > MAX_BACKLOG;
      let taken: Undispatched[] = [];
      let dispatched = 0;
      try {
        const now = ports.clock.now();
        const times = { now, leaseUntil: now + LEASE_MS, ...(isCrowded ? { dueBefore: now + URGENT_MS } : {}) };
        taken = await takeUndispatched(ports.db, batch, times, lastProject);
        lastProject = taken.at(-1)?.projectId;
        if (taken.length > 0) dispatched = await dispatchAll(ports, queue, taken, life);
      } catch (error) {
        ports.logger.warn({ err: error }, 'the dispatcher could not work; it looks again');
      }
      const isBusy = taken.length === batch && dispatched > 0;
      if (isCrowded && !isBusy) await delay(LOOK_AGAIN_MS);
      else if (!isBusy && !stopped) await alarm.ringOrTimeout(idleMs);
      isMore = isBusy || isCrowded;
    }
  };
  const ended = loop();
  return {
    poke: alarm.ring,
    async stop() {
      stopped = true;
      alarm.ring();
      await ended;
    },
  };
}

async function dispatchAll(
  { db, clock, client, logger, onDispatched }: DispatcherPorts,
  queue: PQueue,
  jobs: Undispatched[],
  life: LifeOptions,
): Promise<number> {
  const failed: string[] = [];
  const dispatched: Undispatched[] = [];
  await queue.addAll(
    jobs.map((job) => async () => {
      try {
        await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () => dispatch(client, job, life));
        dispatched.push(job);
      } catch (error) {
        if (failed.length === 0) logger.warn({ err: error, jobId: job.jobId }, 'a job could not be dispatched yet');
        failed.push(job.jobId);
      }
    }),
  );
  if (dispatched.length > 0) await markDispatched(db, dispatched, clock.now());
  if (failed.length > 0) await releaseDispatches(db, failed, clock.now() + RETRY_MS);
  onDispatched?.({ dispatched, failed: failed.length });
  return dispatched.length;
}

/** How many workflow tasks of jobs wait in Temporal for a worker; 0 where it can't tell. */
async function backlogOf(client: Client): Promise<number> {
  try {
    const { stats } = await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      client.workflowService.describeTaskQueue({
        namespace: client.options.namespace,
        taskQueue: { name: SCHEDULER_TASK_QUEUE },
        taskQueueType: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        reportStats: true,
      }),
    );
    return Number(stats?.approximateBacklogCount ?? 0);
  } catch {
    return 0;
  }
}

/** Wakes a sleeper early, also when it is rung just before the sleep. */
function createAlarm(): { ring(): void; ringOrTimeout(ms: number): Promise<void> } {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async ringOrTimeout(ms) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
      wake = undefined;
    },
  };
}
