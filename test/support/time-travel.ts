import type { LifeOptions } from '../../src/dispatch/dispatch.js';
import type { Handler } from '../../src/handlers/handler.js';
import { registerSearchAttributes } from '../../src/platform/search-attributes.js';
import { createTestDatabase } from './database.js';
import { eventually } from './eventually.js';
import { startScheduler, type Scheduler } from './scheduler.js';
import { createTimeSkipping, workflowBundlePath } from './temporal.js';
import { TestClock } from './test-clock.js';

/** Carillon on a Temporal server whose time passes as fast as nothing happens. */
export interface TimeTravel {
  readonly scheduler: Scheduler;
  readonly clock: TestClock;
  /** The server's time, in epoch milliseconds. */
  now(): Promise<number>;
  /** Lets time pass once every accepted change is dispatched, and waits until what fell due in it is in the ledger. */
  passes(duration: `${number} ${'seconds' | 'minutes' | 'hours' | 'days'}`): Promise<void>;
  close(): Promise<void>;
}

export async function timeTravel(options: {
  handlers: readonly Handler[];
  life?: LifeOptions;
  places?: number;
}): Promise<TimeTravel> {
  const env = await createTimeSkipping();
  const clock = new TestClock(env);
  const database = await createTestDatabase();
  await clock.sync();
  await registerSearchAttributes(env.client);
  const scheduler = await startScheduler({
    env,
    clock,
    databaseUrl: database.url,
    workflowBundle: workflowBundlePath(),
    ...options,
    sync: () => clock.sync(),
  });
  return {
    scheduler,
    clock,
    now: () => clock.sync(),
    async passes(duration) {
      await scheduler.allDispatched();
      await env.sleep(duration);
      const now = await clock.sync();
      await eventually(async () => {
        const late = await scheduler.overdue(now);
        if (late.length > 0) throw new Error(`not in the ledger yet: the fires of ${late.join(', ')}`);
      });
    },
    async close() {
      await scheduler.close();
      await env.teardown();
      await database.drop();
    },
  };
}
