import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import {
  cancelJob,
  cancelRun,
  explainWaitingRun,
  grantAllPlaces,
  grantPlaces,
  pauseJob,
  updateJob,
} from '../../src/commands/index.js';
import type { Database } from '../../src/store/database.js';
import { markDispatched, type Undispatched } from '../../src/store/dispatches.js';
import { commandsBench, type CommandsBench } from '../support/commands-bench.js';
import { oneInTheOther } from '../support/held-transaction.js';
import { insertOpenRun, readOpenRun } from '../support/lines.js';

/** To whom the places of a key are given. */

let bench: CommandsBench;
beforeAll(async () => {
  bench = await commandsBench();
});
afterAll(() => bench?.close());

let keys = 0;
const newKey = () => `key ${(keys += 1)}`;
const jobOf = (key: string, limit: number) => bench.submit({ concurrency: { key, limit } });
const inLine = (jobId: string, key: string) => insertOpenRun(bench, jobId, { key, waitsFor: 'concurrency' });
const grant = (key: string, db = bench.db) =>
  grantPlaces(bench.through(db), { projectId: bench.caller.projectId, key });
const isAdmitted = async (runId: string) => (await readOpenRun(bench, runId)).isAdmitted;

test('of a job whose runs are one after another one run at a time gets a place, and the next one goes to another job', async () => {
  const key = newKey();
  const first = await jobOf(key, 2);
  const runs = [await inLine(first, key), await inLine(first, key)];
  const ofAnother = await inLine(await jobOf(key, 2), key);
  await grant(key);
  expect(await Promise.all([...runs, ofAnother].map(isAdmitted))).toEqual([true, false, true]);
});

test('the position of a run in the line is the one by which places are given', async () => {
  const key = newKey();
  const first = await jobOf(key, 2);
  const runs = [await inLine(first, key), await inLine(first, key), await inLine(first, key)];
  const jobId = await jobOf(key, 2);
  const last = await inLine(jobId, key);
  const { ports, caller } = bench;
  const told = (of: string, id: string) =>
    explainWaitingRun(ports, caller.projectId, { id, jobId: of, outcome: 'waiting', waitUntil: null });
  // The runs of the first job are one after another: together they keep one place from the last.
  expect(await told(jobId, last)).toMatchObject({ code: 'concurrency', position: 2 });
  expect(await told(first, runs[0] ?? '')).toMatchObject({ position: 1 });
  await grant(key);
  expect(await isAdmitted(last)).toBe(true);
});

test('a run whose job is paused at that moment gets none', async () => {
  const key = newKey();
  const jobId = await jobOf(key, 1);
  const runId = await insertOpenRun(bench, jobId, { trigger: 'schedule', key, waitsFor: 'concurrency' });
  const behind = await inLine(await jobOf(key, 1), key);
  const { waited } = await oneInTheOther(
    bench.db,
    (db) => pauseJob(bench.through(db), bench.caller, jobId, {}),
    () => grant(key),
  );
  expect(waited).toBe(true);
  expect(await isAdmitted(runId)).toBe(false);
  expect(await isAdmitted(behind)).toBe(true);
});

test('places are given to several jobs while others lock these in the order of their ids', async () => {
  const key = newKey();
  const [one, two] = [await jobOf(key, 5), await jobOf(key, 5)];
  // In line against the order of the ids of their jobs.
  const runs = [await inLine(two, key), await inLine(one, key)];
  const taken = [one, two].map((jobId) => ({ jobId, wish: { generation: 1 } }) as Undispatched);
  await oneInTheOther(
    bench.db,
    (db) => grant(key, db),
    () => markDispatched(bench.db, taken, bench.now),
    'move-on',
  );
  expect(await Promise.all(runs.map(isAdmitted))).toEqual([true, true]);
});

test('what goes wrong with one key keeps no place of another from being given, and is told', async () => {
  const broken = [newKey(), newKey()];
  const key = newKey();
  for (const one of broken) await inLine(await jobOf(one, 1), one);
  const runId = await inLine(await jobOf(key, 1), key);
  const transaction: Database['transaction'] = (work) =>
    bench.db.transaction((tx) =>
      work({
        async query(statement, name) {
          if (broken.some((one) => statement.values.some((value) => String(value).endsWith(`/${one}`))))
            throw new Error('broken');
          return tx.query<never>(statement, name);
        },
      }),
    );
  await expect(grantAllPlaces(bench.through({ ...bench.db, transaction }))).rejects.toThrow('2 of');
  expect(await isAdmitted(runId)).toBe(true);
});

describe('a place that a run had got before it began goes to the next in line at once', () => {
  const setUp = async () => {
    const key = newKey();
    const jobId = await jobOf(key, 1);
    const runId = await insertOpenRun(bench, jobId, { trigger: 'schedule', key, isAdmitted: true });
    const next = await inLine(await jobOf(key, 1), key);
    return { key, jobId, runId, next };
  };

  test('when that run is cancelled', async () => {
    const { jobId, runId, next } = await setUp();
    await cancelRun(bench.ports, bench.caller, jobId, runId, {});
    expect(await isAdmitted(next)).toBe(true);
  });

  test('when its job is paused', async () => {
    const { jobId, next } = await setUp();
    await pauseJob(bench.ports, bench.caller, jobId, {});
    expect(await isAdmitted(next)).toBe(true);
  });

  test('when its job is cancelled', async () => {
    const { jobId, next } = await setUp();
    await cancelJob(bench.ports, bench.caller, jobId);
    expect(await isAdmitted(next)).toBe(true);
  });

  test('when its job is given another key', async () => {
    const { jobId, next } = await setUp();
    await updateJob(bench.ports, bench.caller, jobId, { concurrency: { key: newKey(), limit: 1 } });
    expect(await isAdmitted(next)).toBe(true);
  });

  test('but stays with a run that goes on to wait', async () => {
    const { jobId, runId, next } = await setUp();
    await updateJob(bench.ports, bench.caller, jobId, { priority: 'high' });
    expect([await isAdmitted(runId), await isAdmitted(next)]).toEqual([true, false]);
  });
});

test('a place of the project that a run had got before it began goes to the next in line at once', async () => {
  const limitProject = (limit: number | null) =>
    bench.db.query(sql`update projects set max_running_runs = ${limit} where id = ${bench.caller.projectId}`);
  await limitProject(1);
  const jobId = await bench.submit();
  const runId = await insertOpenRun(bench, jobId, { isAdmitted: true });
  const next = await insertOpenRun(bench, await bench.submit(), { waitsFor: 'project' });
  await bench.db.query(sql`update runs set admitted = false where id not in (${runId}, ${next})`);
  await cancelRun(bench.ports, bench.caller, jobId, runId, {});
  expect(await isAdmitted(next)).toBe(true);
  await limitProject(null);
});

test('a run that is cancelled before it began holds no place, should it be run after all', async () => {
  const key = newKey();
  const jobId = await jobOf(key, 1);
  const runId = await insertOpenRun(bench, jobId, { key, isAdmitted: true });
  await cancelRun(bench.ports, bench.caller, jobId, runId, {});
  expect(await readOpenRun(bench, runId)).toMatchObject({ outcome: 'cancelled', isAdmitted: false });
});
