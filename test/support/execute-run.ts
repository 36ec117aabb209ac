import { MockActivityEnvironment } from '@temporalio/testing';
import pino from 'pino';
import { createExecutorActivities } from '../../src/activities/execute-run.js';
import type { Vault } from '../../src/security/encryption/vault.js';
import type { Database } from '../../src/store/database.js';
import type { CommandsBench } from './commands-bench.js';
import { testHandler } from './handlers.js';
import { testVault } from './encryption.js';

/** A run that has a row, or a fire yet to be claimed. */
export type RunToExecute = { jobId: string; runId: string } | { jobId: string; fireAt: number };

interface HowToExecute {
  /** Done while the run waits for a handler slot. */
  meanwhile?: (() => Promise<unknown>) | undefined;
  db?: Database | undefined;
  vault?: Vault;
  act?: Parameters<typeof testHandler>[1];
}

/** Has a run executed as a worker would; without `act` its handler does nothing. */
export async function executeRun(
  bench: Pick<CommandsBench, 'db' | 'now'>,
  run: RunToExecute,
  { meanwhile, db = bench.db, vault = testVault, act = async () => undefined }: HowToExecute = {},
): Promise<void> {
  const activities = createExecutorActivities({
    db,
    vault,
    clock: { now: () => bench.now, waitUntil: () => Promise.resolve() },
    handlers: { get: () => testHandler('log', act) },
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
