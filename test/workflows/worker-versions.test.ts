import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { workflowIdOf } from '../../src/domain/ids.js';
import { readBuilds } from '../../src/store/workflow-builds.js';
import { newestLive } from '../../src/worker/current-build.js';
import { readCurrentBuild } from '../../src/worker/deployment.js';
import type { NodeOptions, RunningNode } from '../../src/worker/run-worker.js';
import { TEST_ENCRYPTION_KEYS } from '../support/encryption.js';
import { eventually } from '../support/eventually.js';
import { testHandler } from '../support/handlers.js';
import { realTime, type RealTime } from '../support/real-time.js';
import type { Scheduler } from '../support/scheduler.js';

/** Schedulers of several releases at once, on a real server: the workflow tasks go to those of one of them. */

const [OLD, NEW] = ['0123456789ab', 'ba9876543210'];

describe('the build to be current', () => {
  const now = 1_000_000;
  const build = (id: string, since: number, seenAt = now) => ({ id, since, seenAt });

  test('is the newest that a live scheduler has', () => {
    expect(newestLive([build(OLD, 1), build(NEW, 2)], now)).toBe(NEW);
    expect(newestLive([build(OLD, 1, now - 30_000), build(NEW, 2, now - 30_001)], now)).toBe(OLD);
  });

  test('is none when there is no live one', () => {
    expect(newestLive([build(OLD, 1, 0)], now)).toBeUndefined();
  });
});

describe('schedulers of two builds', () => {
  let real: RealTime;
  let scheduler: Scheduler;
  let nodes: RunningNode[] = [];
  const work = testHandler('work');

  beforeAll(async () => {
    real = await realTime({ handlers: [work], role: 'executor' });
    scheduler = real.scheduler;
  });
  afterAll(() => real?.close());
  beforeEach(async () => {
    await scheduler.db.query(sql`delete from memory where starts_with(name, 'workflow-build/')`);
  });
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()));
  });

  const start = async (options: Partial<NodeOptions>) => {
    const node = await scheduler.join({ role: 'scheduler', ...options });
    nodes.push(node);
    return node;
  };
  const stop = async (node: RunningNode) => {
    nodes = nodes.filter((each) => each !== node);
    await node.stop();
  };
  const currentBecomes = (buildId: string | null) =>
    eventually(async () => expect(await readCurrentBuild(scheduler.client)).toBe(buildId));
  const submit = (afterMs = 0) => {
    const executionTime = afterMs === 0 ? 'now' : new Date(scheduler.clock.now() + afterMs).toISOString();
    return scheduler.submit({ jobName: 'a job', jobType: 'one-time', executionTime, handler: 'work' });
  };
  /** Who worked on the workflow of a job, once it has completed, task by task. */
  const workersOf = async (jobId: string) => {
    await eventually(async () => expect((await scheduler.job(jobId)).status).toBe('completed'));
    const handle = scheduler.client.workflow.getHandle(workflowIdOf(jobId));
    await handle.result();
    const { events } = await handle.fetchHistory();
    return (events ?? []).flatMap(({ workflowTaskStartedEventAttributes: started }) => started?.identity ?? []);
  };
  const workedOnBy = async (node: RunningNode) => {
    const jobIds = await Promise.all(Array.from({ length: 10 }, () => submit()));
    for (const jobId of jobIds) expect(new Set(await workersOf(jobId))).toEqual(new Set([node.name]));
  };
  const seenAgain = async (buildId: string) => {
    const seenAt = async () => (await readBuilds(scheduler.db)).find(({ id }) => id === buildId)?.seenAt ?? 0;
    const before = await seenAt();
    await eventually(async () => expect(await seenAt()).toBeGreaterThan(before));
  };

  test('the new one gets every workflow task, though the old one is there and is started again', async () => {
    const old = await start({ buildId: OLD });
    await currentBecomes(OLD);
    await workedOnBy(old);
    const asleep = await submit(6_000);
    await scheduler.allDispatched();

    const fresh = await start({ buildId: NEW });
    await currentBecomes(NEW);
    await workedOnBy(fresh);
    await stop(old);
    await start({ buildId: OLD });
    await seenAgain(OLD);
    expect(await readCurrentBuild(scheduler.client)).toBe(NEW);
    await workedOnBy(fresh);
    // What fell asleep under the old one wakes under the new one.
    const [first, ...rest] = await workersOf(asleep);
    expect(first).toBe(old.name);
    expect(new Set(rest)).toEqual(new Set([fresh.name]));
  }, 90_000);

  test('the old one goes on when nobody has the new one any more', async () => {
    const old = await start({ buildId: OLD });
    await currentBecomes(OLD);
    const fresh = await start({ buildId: NEW });
    await currentBecomes(NEW);
    await seenAgain(OLD);
    await stop(fresh);
    // As if that had been half a minute ago.
    await scheduler.db.query(sql`update memory set value = (value::jsonb || '{"seenAt": 0}')::text
      where name = ${`workflow-build/${NEW}`}`);
    await currentBecomes(OLD);
    await workedOnBy(old);
  }, 90_000);

  const command = (buildId: string) =>
    promisify(execFile)(
      process.execPath,
      [fileURLToPath(new URL('../../scripts/workflows-current.mjs', import.meta.url)), buildId],
      {
        env: {
          DATABASE_URL: real.databaseUrl,
          CARILLON_ENCRYPTION_KEYS: TEST_ENCRYPTION_KEYS,
          TEMPORAL_ADDRESS: real.temporal.address,
          TEMPORAL_NAMESPACE: real.temporal.namespace,
        },
      },
    );

  test('a rollback by command holds, also when the new one is started again', async () => {
    const old = await start({ buildId: OLD });
    await currentBecomes(OLD);
    const fresh = await start({ buildId: NEW });
    await currentBecomes(NEW);
    const { stdout } = await command(OLD);
    expect(stdout).toContain(`* ${OLD}`);
    await stop(fresh);
    await start({ buildId: NEW });
    await seenAgain(NEW);
    expect(await readCurrentBuild(scheduler.client)).toBe(OLD);
    await workedOnBy(old);
  }, 90_000);

  test('a rollback to a build that no scheduler has is refused', async () => {
    await start({ buildId: NEW });
    await currentBecomes(NEW);
    await expect(command('ffffffffffff')).rejects.toMatchObject({
      stderr: 'No scheduler with build ffffffffffff was seen in the last 30 s: start one first.\n',
    });
    expect(await readCurrentBuild(scheduler.client)).toBe(NEW);
  }, 90_000);

  test('what began under a scheduler without a build goes on under one with, and the other way round', async () => {
    const without = await start({ workerVersioning: false });
    await currentBecomes(null);
    const first = await submit(4_000);
    await scheduler.allDispatched();
    const versioned = await start({ buildId: NEW });
    await currentBecomes(NEW);
    expect(new Set((await workersOf(first)).slice(1))).toEqual(new Set([versioned.name]));
    await workedOnBy(versioned);

    const second = await submit(4_000);
    await scheduler.allDispatched();
    await stop(without);
    await stop(versioned);
    const again = await start({ workerVersioning: false });
    await currentBecomes(null);
    expect(new Set((await workersOf(second)).slice(1))).toEqual(new Set([again.name]));
  }, 90_000);
});
