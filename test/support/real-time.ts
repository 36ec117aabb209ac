import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { LifeOptions } from '../../src/dispatch/dispatch.js';
import type { Handler } from '../../src/handlers/handler.js';
import { startDatabaseClock } from '../../src/platform/clock.js';
import { openDatabase } from '../../src/store/database.js';
import { readDatabaseTime } from '../../src/store/time.js';
import { createTestDatabase } from './database.js';
import { startScheduler, type Scheduler, type SchedulerSetUp } from './scheduler.js';
import { createTestTemporal, workflowBundlePath } from './temporal.js';

/** Carillon on a real Temporal server, by the database's clock. */
export interface RealTime {
  readonly scheduler: Scheduler;
  readonly databaseUrl: string;
  readonly temporal: { address: string; namespace: string };
  close(): Promise<void>;
}

export async function realTime(options: {
  handlers: readonly Handler[];
  life?: LifeOptions;
  places?: number;
  role?: NonNullable<SchedulerSetUp['role']>;
}): Promise<RealTime> {
  const [temporal, database] = await Promise.all([createTestTemporal(), createTestDatabase()]);
  const connection = await Connection.connect({ address: temporal.address });
  const nativeConnection = await NativeConnection.connect({ address: temporal.address });
  const forClock = openDatabase({ url: database.url, maxConnections: 2, applicationName: 'test-clock' });
  const clock = await startDatabaseClock(
    () => readDatabaseTime(forClock),
    () => undefined,
  );
  const client = new Client({ connection, namespace: temporal.namespace });
  const scheduler = await startScheduler({
    env: { client, nativeConnection, namespace: temporal.namespace },
    clock,
    databaseUrl: database.url,
    workflowBundle: workflowBundlePath(),
    ...options,
  });
  return {
    scheduler,
    databaseUrl: database.url,
    temporal,
    async close() {
      await scheduler.close();
      clock.stop();
      await forClock.close();
      await connection.close();
      await nativeConnection.close();
      await database.drop();
    },
  };
}
