import { MockActivityEnvironment } from '@temporalio/testing';
import pino from 'pino';
import { createExecutorActivities } from '../../src/activities/execute-run.js';
import type { Database } from '../../src/store/database.js';
import type { CommandsBench } from './commands-bench.js';
import { testHandler } from './handlers.js';

/** A run that has a row, or a fire yet to be claimed. */
export type RunToExecute = { jobId: string; runId: string } | { jobId: string; fireAt: number };

/** Has a run executed as a worker would; `meanwhile` is done while it waits for a handler slot. */
export async function executeRun(
  bench: CommandsBench,
  run: RunToExecute,
  { meanwhile, db = bench.db }: { meanwhile?: (() => Promise<unknown>) | undefined; db?: Database | undefined } = {},
): Promise<void> {
  const activities = createExecutorActivities({
    db,
    clock: { now: () => bench.now, waitUntil: () => Promise.resolve() },
    handlers: { get: () => testHandler('log', async () => undefined) },
    logQuota: { take: async (_projectId, bytes) => bytes },
    stopWatch: { watch: () => ({ signal: new AbortController().signal, forget: () => undefined }) },
    slots: {
      async run(_priority, _signal, work) {
        await meanwhile?.();
        return work();
      },
    },
    draining: new AbortController().signal,
    node: 'node',
    observer: { held: () => () => {}, began() {}, attemptEnded() {}, finished() {} },
    logger: pino({ level: 'silent' }),
    onCommitted: () => undefined,
  });
  await new MockActivityEnvironment().run(activities.executeRun, { generation: 1, ...run });
}
