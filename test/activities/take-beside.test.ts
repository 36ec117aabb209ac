import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import pino from 'pino';
import sql from 'sql-template-tag';
import { createSchedulerActivities } from '../../src/activities/scheduler-activities.js';
import type { SubmitJob } from '../../src/contract/messages.js';
import { commandsBench, NEW_YEAR, type CommandsBench } from '../support/commands-bench.js';
import { testVault } from '../support/encryption.js';

/** What becomes of a fire that comes while a run of its job is under way. The fires are counted by hours from the new year. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let bench: CommandsBench;
beforeAll(async () => {
  bench = await commandsBench();
});
afterAll(() => bench?.close());
beforeEach(() => {
  bench.now = NEW_YEAR;
});

const activities = () =>
  createSchedulerActivities({
    db: bench.db,
    vault: testVault,
    clock: { now: () => bench.now, waitUntil: () => Promise.resolve() },
    logger: pino({ level: 'silent' }),
    observer: { held: () => () => {}, began() {}, attemptEnded() {}, finished() {} },
    onCommitted: () => undefined,
  });
const hourly = (given: Partial<SubmitJob>) => bench.submit({ frequency: '0 * * * *', ...given });

/** Has the fire of an hour taken, so late (milliseconds). */
async function take(jobId: string, hour: number, lateMs: number): Promise<void> {
  const at = NEW_YEAR + hour * HOUR;
  bench.now = at + lateMs;
  const input = { jobId, generation: 1, fire: { fireAt: at, runAt: at } };
  await new MockActivityEnvironment().run(activities().takeBeside, input);
}

async function ledger(jobId: string): Promise<string[]> {
  const rows = await bench.db.query<{ at: Date; outcome: string; count: number }>(
    sql`select scheduled_for as at, outcome, fire_count as count from runs where job_id = ${jobId} order by scheduled_for`,
  );
  return rows.map(({ at, outcome, count }) => {
    const name = `${(at.getTime() - NEW_YEAR) / HOUR} ${outcome}`;
    return count === 1 ? name : `${name} x${count}`;
  });
}

describe('a fire that is taken beside a run', () => {
  const window = 24 * HOUR;
  test.each([
    ['on time, with none', { policy: 'none' }, 1_000, ['1 waiting'], 2],
    ['late, with none', { policy: 'none' }, 10 * MINUTE, ['1 missed'], 2],
    ['within the window, with last', { policy: 'last' }, 50 * MINUTE, ['1 waiting'], 2],
    ['past the window, with last', { policy: 'last' }, 2.5 * HOUR, ['1 missed x2', '3 waiting'], 4],
    ['late, with all', { policy: 'all', window }, 2.5 * HOUR, ['1 waiting'], 2],
  ] as const)('goes by the catch-up policy: %s', async (_, catchUp, lateMs, expected, next) => {
    const jobId = await hourly({ overlap: 'allow_all', catchUp });
    await take(jobId, 1, lateMs);
    expect(await ledger(jobId)).toEqual(expected);
    expect((await bench.job(jobId)).next?.fireAt).toBe(NEW_YEAR + next * HOUR);
  });

  test.each(['paused', 'cancelled', 'completed'])('is left alone when its job is %s', async (status) => {
    const jobId = await hourly({ overlap: 'allow_all', catchUp: { policy: 'none' } });
    await bench.db.query(sql`update jobs set status = ${status}::job_status where id = ${jobId}`);
    const before = await bench.job(jobId);
    await take(jobId, 1, 10 * MINUTE);
    expect(await ledger(jobId)).toEqual([]);
    expect(await bench.job(jobId)).toEqual(before);
  });

  test('is left alone when the job waits for another one', async () => {
    const jobId = await hourly({ overlap: 'allow_all' });
    await take(jobId, 2, 0);
    expect(await ledger(jobId)).toEqual([]);
  });

  test('is skipped when a hundred wait already, and the schedule goes on', async () => {
    const jobId = await hourly({ overlap: 'allow_all' });
    for (let hour = 1; hour <= 102; hour++) await take(jobId, hour, 0);
    const rows = await ledger(jobId);
    expect(rows.slice(98)).toEqual(['99 waiting', '100 waiting', '101 skipped_overlap', '102 skipped_overlap']);
    expect(await bench.job(jobId)).toMatchObject({ scheduleRunCount: 100, next: { fireAt: NEW_YEAR + 103 * HOUR } });
  });
});

describe('planNext, during a run', () => {
  const plan = async (jobId: string) => {
    bench.now = NEW_YEAR + 4.5 * HOUR;
    const { fire } = await activities().planNext({ jobId, after: NEW_YEAR + HOUR });
    return fire === null ? null : (fire.fireAt - NEW_YEAR) / HOUR;
  };

  test('cancel_other: names the first fire to come, and none that is due: that one cancels nothing', async () => {
    expect(await plan(await hourly({ overlap: 'cancel_other', catchUp: { policy: 'all', window: 24 * HOUR } }))).toBe(
      5,
    );
  });

  test('allow_all: names the one after it, which runs beside it though it is late', async () => {
    expect(await plan(await hourly({ overlap: 'allow_all' }))).toBe(2);
  });
});
