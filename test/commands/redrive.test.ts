import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import type { z } from 'zod';
import { cancelJob, pauseJob, redriveDueRuns, redriveRuns, retryRun, stopRedrives } from '../../src/commands/index.js';
import { RedriveRuns } from '../../src/contract/redrive.js';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import { commandsBench, NEW_YEAR, type CommandsBench } from '../support/commands-bench.js';
import { insertRun, type GivenRun } from '../support/runs.js';

/** Many runs that are done again: which, when, and each once. */

const MINUTE = 60_000;
const DAY = 86_400_000;

let bench: CommandsBench;
beforeAll(async () => {
  bench = await commandsBench();
});
afterAll(() => bench?.close());
beforeEach(async () => {
  bench.now = NEW_YEAR;
  await bench.db.query(sql`truncate redrives, runs, attempts, events`);
});

const redrive = (given: Partial<z.input<typeof RedriveRuns>> = {}, caller = bench.caller) =>
  redriveRuns(bench.ports, caller, RedriveRuns.parse({ from: iso(-30), ...given }));
const iso = (days: number) => new Date(NEW_YEAR + days * DAY).toISOString();
const never = (error: unknown) => {
  throw error;
};
const round = () => redriveDueRuns(bench.ports, never);
const run = (jobId: string, given: Partial<GivenRun> = {}) =>
  insertRun(bench.db, {
    jobId,
    projectId: DEFAULT_PROJECT_ID,
    scheduledFor: iso(-1),
    outcome: 'failed',
    errorCode: 'http_status',
    ...given,
  });
const retries = async () => {
  const rows = await bench.db.query<{ retry_of: string; outcome: string }>(
    sql`select retry_of, outcome from runs where trigger = 'retry' and outcome = 'waiting' order by scheduled_for, id`,
  );
  return rows.map((row) => row.retry_of);
};
const events = async (type: string) => {
  const rows = await bench.db.query<{ run_id: string; actor: string; data: unknown }>(
    sql`select run_id, actor, data from events where type = ${type} order by id`,
  );
  return rows;
};
const setStatus = (jobId: string, status: string) =>
  bench.db.query(sql`update jobs set status = ${status}::job_status, next_run_at = null where id = ${jobId}`);
const once = async (status: string) => {
  const jobId = await bench.submit({ jobType: 'one-time', executionTime: iso(1), frequency: undefined });
  await setStatus(jobId, status);
  return jobId;
};

describe('of the runs of a filter', () => {
  test('those that failed or timed out are retried, oldest first, as a retry of each would do it', async () => {
    const jobId = await bench.submit();
    const second = await run(jobId, { scheduledFor: iso(-1), outcome: 'timed_out' });
    const first = await run(jobId, { scheduledFor: iso(-2) });
    await run(jobId, { scheduledFor: iso(-3), outcome: 'completed' });
    expect(await redrive({ reason: 'The server is back.' })).toEqual({
      count: 2,
      notRetryable: 0,
      until: NEW_YEAR + 100,
    });
    bench.now += 100;
    await round();
    expect(await retries()).toEqual([first, second]);
    expect(await events('run.retried')).toEqual([
      expect.objectContaining({ actor: 'test', data: { retryOf: first, reason: 'The server is back.' } }),
      expect.objectContaining({ actor: 'test', data: { retryOf: second, reason: 'The server is back.' } }),
    ]);
  });

  test.each<[string, Partial<z.input<typeof RedriveRuns>>, number]>([
    ['from', { from: iso(-2) }, 2],
    ['to', { to: iso(-2) }, 1],
    ['outcome', { outcome: ['cancelled'] }, 1],
    ['handler', { handler: 'http' }, 0],
    ['tag', { tag: 'red' }, 3],
    ['errorCode', { errorCode: 'timeout' }, 1],
    ['trigger', { trigger: 'manual' }, 1],
    ['job', { job: '01900000-0000-7000-8000-000000000001' }, 0],
  ])('only those count that it names: %s', async (_name, filter, count) => {
    const jobId = await bench.submit({ tags: ['red'] });
    await run(jobId, { scheduledFor: iso(-3) });
    await run(jobId, { scheduledFor: iso(-2), errorCode: 'timeout' });
    await run(jobId, { scheduledFor: iso(-1), trigger: 'manual' });
    await run(jobId, { scheduledFor: iso(-1), outcome: 'cancelled' });
    expect(await redrive({ ...filter, dryRun: true })).toMatchObject({ count, notRetryable: 0 });
  });

  test('none of another project counts', async () => {
    await run(await bench.submit());
    const stranger = { projectId: '00000000-0000-7000-8000-000000000002', actor: 'stranger' };
    expect(await redrive({}, stranger)).toMatchObject({ count: 0 });
  });

  test('a run and its retries are one: the newest counts, if it ended so', async () => {
    const jobId = await bench.submit();
    const first = await run(jobId);
    await run(jobId, { trigger: 'retry', retryOf: first });
    const beside = await run(jobId, { trigger: 'retry', retryOf: first });
    expect(await redrive({ dryRun: true })).toMatchObject({ count: 1 });
    await redrive();
    await round();
    expect(await retries()).toEqual([beside]);
  });

  test('one that was done again and completed is left alone', async () => {
    const jobId = await bench.submit();
    await run(jobId, { trigger: 'retry', retryOf: await run(jobId), outcome: 'completed' });
    expect(await redrive()).toEqual({ count: 0, notRetryable: 0, until: null });
  });

  test('those whose jobs take no retry are counted apart', async () => {
    const [ended, completed] = [await bench.submit(), await once('completed')];
    await run(ended);
    await cancelJob(bench.ports, bench.caller, ended);
    await run(completed);
    const jobId = await bench.submit();
    await run(jobId, { outcome: 'missed', until: iso(1), count: 48 });
    const retried = await run(await once('failed'));
    expect(await redrive({ outcome: ['failed', 'missed'] })).toMatchObject({ count: 1, notRetryable: 3 });
    await round();
    expect(await retries()).toEqual([retried]);
  });

  test('the retry of a run by hand of a failed one-time job is none of them, but the retry of its own is', async () => {
    const jobId = await once('failed');
    const byHand = await run(jobId, { scheduledFor: iso(-3), trigger: 'manual' });
    await run(jobId, { scheduledFor: iso(-3), trigger: 'retry', retryOf: byHand });
    const own = await run(jobId);
    const again = await run(jobId, { trigger: 'retry', retryOf: own });
    expect(await redrive()).toMatchObject({ count: 1, notRetryable: 1 });
    await round();
    expect(await retries()).toEqual([again]);
    expect((await bench.job(jobId)).status).toBe('pending');
  });

  test('at most ten thousand are taken, and the refusal says how many there are', async () => {
    const jobId = await bench.submit();
    const template = await run(jobId);
    await bench.db.query(sql`insert into runs (id, project_id, job_id, trigger, scheduled_for, outcome, generation)
      select gen_random_uuid(), project_id, job_id, trigger, scheduled_for - n * interval '1 s', outcome, 1
      from runs, generate_series(1, 10000) n where id = ${template}`);
    await expect(redrive({ dryRun: true })).rejects.toMatchObject({
      code: 'validation_failed',
      message: expect.stringContaining('10001 runs'),
    });
    const { count, until } = await redrive({ to: iso(-1), perMinute: 6_000 });
    expect([count, until]).toEqual([10_000, NEW_YEAR + 99_990]);
  });
});

test('a dry run changes nothing', async () => {
  await run(await bench.submit());
  expect(await redrive({ dryRun: true })).toMatchObject({ count: 1, until: NEW_YEAR });
  await round();
  expect(await retries()).toEqual([]);
});

test('their turns come at the rate that was asked for', async () => {
  const jobId = await bench.submit();
  for (let day = 1; day <= 4; day += 1) await run(jobId, { scheduledFor: iso(-day) });
  expect(await redrive({ perMinute: 2 })).toMatchObject({ count: 4, until: NEW_YEAR + 1.5 * MINUTE });
  const done: number[] = [];
  for (const at of [0, 29_999, 30_000, 60_000, 90_000]) {
    bench.now = NEW_YEAR + at;
    await round();
    done.push((await retries()).length);
  }
  expect(done).toEqual([1, 1, 2, 3, 4]);
});

describe('each is done once', () => {
  test('though the redrive is asked for twice, at once', async () => {
    const jobId = await bench.submit();
    for (let day = 1; day <= 20; day += 1) await run(jobId, { scheduledFor: iso(-day) });
    const counts = await Promise.all([redrive(), redrive(), redrive()]);
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(20);
    bench.now += MINUTE;
    await round();
    expect(new Set(await retries()).size).toBe(20);
    expect(await retries()).toHaveLength(20);
  });

  test('though several schedulers look at once', async () => {
    const jobs = await Promise.all(Array.from({ length: 3 }, () => bench.submit()));
    for (const jobId of jobs) for (let day = 1; day <= 10; day += 1) await run(jobId, { scheduledFor: iso(-day) });
    await redrive();
    bench.now += MINUTE;
    await Promise.all([round(), round(), round()]);
    expect(await retries()).toHaveLength(30);
  });

  test('though it was retried by hand before its turn came', async () => {
    const jobId = await bench.submit();
    const runId = await run(jobId);
    await redrive();
    await retryRun(bench.ports, bench.caller, jobId, runId);
    await round();
    expect(await retries()).toEqual([runId]);
    const dropped = { run_id: runId, actor: 'test', data: { reason: 'The run was done again meanwhile.' } };
    expect(await events('run.retry_dropped')).toEqual([dropped]);
  });

  test('though the process dies in the middle: what did not commit is done by another', async () => {
    const jobId = await bench.submit();
    for (let day = 1; day <= 3; day += 1) await run(jobId, { scheduledFor: iso(-day) });
    await redrive();
    bench.now += MINUTE;
    let commits = 0;
    const dying = {
      ...bench.ports,
      onCommitted: () => {
        commits += 1;
        if (commits === 2) throw new Error('killed');
      },
    };
    await expect(redriveDueRuns(dying, never)).rejects.toThrow('killed');
    expect(await retries()).toHaveLength(2);
    await round();
    expect(new Set(await retries()).size).toBe(3);
  });
});

test('what can no more be retried when its turn comes is dropped, with an event that says why', async () => {
  const jobId = await bench.submit();
  const runId = await run(jobId);
  await redrive();
  await cancelJob(bench.ports, bench.caller, jobId);
  await round();
  expect(await retries()).toEqual([]);
  expect(await events('run.retry_dropped')).toEqual([
    expect.objectContaining({ run_id: runId, data: { reason: expect.stringContaining('The job is cancelled') } }),
  ]);
  await round();
  expect(await events('run.retry_dropped')).toHaveLength(1);
});

test('a job never has so many that wait that nobody could retry a run of it by hand; the others are not lost', async () => {
  const [many, few] = [await bench.submit(), await bench.submit()];
  for (let day = 1; day <= 60; day += 1) await run(many, { scheduledFor: iso(-day / 10) });
  const other = await run(few, { scheduledFor: iso(-0.01) });
  await redrive({ perMinute: 6_000 });
  bench.now += MINUTE;
  await round();
  expect(await retries()).toHaveLength(51);
  expect(await retries()).toContain(other);
  await bench.db.query(sql`update runs set outcome = 'completed' where outcome = 'waiting'`);
  bench.now += MINUTE;
  await round();
  expect(await retries()).toHaveLength(10);
});

test('a paused job does its retries, as it does those by hand', async () => {
  const jobId = await bench.submit();
  const runId = await run(jobId);
  await pauseJob(bench.ports, bench.caller, jobId, {});
  await redrive();
  await round();
  expect(await retries()).toEqual([runId]);
});

test('what goes wrong with one job keeps no other from its turn, and is tried again', async () => {
  const [broken, fine] = [await bench.submit(), await bench.submit()];
  await run(broken, { scheduledFor: iso(-2) });
  const runId = await run(fine);
  await redrive();
  bench.now += MINUTE;
  const failing = bench.through({
    ...bench.db,
    transaction: (work) =>
      bench.db.transaction((tx) =>
        work({
          query: (statement, name) =>
            name === 'lock-job' && statement.values.includes(broken)
              ? Promise.reject(new Error('broken'))
              : tx.query(statement, name),
        }),
      ),
  });
  const failures: unknown[] = [];
  await redriveDueRuns(failing, (error) => failures.push(error));
  expect(failures).toEqual([new Error('broken')]);
  expect(await retries()).toEqual([runId]);
  bench.now += MINUTE;
  await round();
  expect(await retries()).toHaveLength(2);
});

test('a redrive that is stopped leaves what was not put to work as it ended', async () => {
  const jobId = await bench.submit();
  for (let day = 1; day <= 3; day += 1) await run(jobId, { scheduledFor: iso(-day) });
  await redrive({ perMinute: 1 });
  await round();
  expect(await stopRedrives(bench.ports, bench.caller)).toBe(2);
  bench.now += DAY;
  await round();
  expect(await retries()).toHaveLength(1);
  expect(await events('run.retry_dropped')).toHaveLength(2);
  expect(await stopRedrives(bench.ports, bench.caller)).toBe(0);
});
