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
  passes(duration: Duration): Promise<void>;
  /** As `passes`, but no worker begins the next run until all of it has passed. */
  outage(duration: Duration): Promise<void>;
  close(): Promise<void>;
}

type Duration = `${number} ${keyof typeof UNITS}`;

const UNITS = { seconds: 1_000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const;

function ms(duration: Duration): number {
  const [count, unit] = duration.split(' ') as [string, keyof typeof UNITS];
  return Number(count) * UNITS[unit];
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
  const time: TimeTravel = {
    scheduler,
    clock,
    now: () => clock.sync(),
    async outage(duration) {
      const endsAt = (await clock.sync()) + ms(duration);
      const hold = clock.holdNext();
      const passing = time.passes(duration);
      await Promise.race([hold.reached, passing]);
      clock.advance(Math.max(0, endsAt - clock.now()));
      hold.open();
      await passing;
    },
    async passes(duration) {
      await scheduler.allDispatched();
      const until = (await clock.sync()) + ms(duration);
      await env.sleep(until - (await env.currentTimeMs()));
      await eventually(async () => {
        const now = await clock.sync();
        const serverIsBehind = now - (await env.currentTimeMs());
        if (serverIsBehind > 0) await env.sleep(serverIsBehind);
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
  return time;
}
