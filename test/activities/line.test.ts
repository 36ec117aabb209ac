import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { grantPlaces } from '../../src/commands/index.js';
import { wishOf } from '../../src/store/wish-of.js';
import { readRun } from '../../src/store/run-view.js';
import { commandsBench, NEW_YEAR, type CommandsBench } from '../support/commands-bench.js';
import { executeRun } from '../support/execute-run.js';
import { insertOpenRun, readOpenRun, type OpenRunGiven } from '../support/lines.js';

/** Which runs of a job come to the gate, and what they hold while they wait there. */

const HOUR = 3_600_000;

let bench: CommandsBench;
beforeAll(async () => {
  bench = await commandsBench();
});
afterAll(() => bench?.close());
beforeEach(() => {
  bench.now = NEW_YEAR;
});
afterEach(() => limitProject(null));

const limitProject = (limit: number | null) =>
  bench.db.query(sql`update projects set max_running_runs = ${limit} where id = ${bench.caller.projectId}`);
let keys = 0;
const newKey = () => `key ${(keys += 1)}`;
/** The runs that the workflow of a job is told of. */
async function named(jobId: string): Promise<string[]> {
  const view = await readRun(bench.db, jobId);
  if (!view) throw new Error(`no job ${jobId}`);
  const { openRuns, backfill = [], parallel = [] } = wishOf(view.job, view.openRuns);
  return [...openRuns, ...backfill, ...parallel];
}
/** Executes what the workflow of a job is told of until that is nothing that has to wait; gives how many runs that were. */
async function executeAllNamed(jobId: string): Promise<number> {
  for (let count = 0; ; count += 1) {
    const [runId] = await named(jobId);
    if (runId === undefined) return count;
    await executeRun(bench, { jobId, runId });
  }
}
async function waiting(jobId: string, count: number, given: OpenRunGiven): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    bench.now += 1;
    ids.push(await insertOpenRun(bench, jobId, given));
  }
  return ids;
}
async function inLine(jobId: string): Promise<number> {
  return (await bench.db.query(sql`select 1 from runs where job_id = ${jobId} and waits_for is not null`)).length;
}
const endRuns = (jobId: string) =>
  bench.db.query(sql`update runs set outcome = 'completed' where job_id = ${jobId} and outcome = 'running'`);

describe('of the runs of a job that has no place', () => {
  /** A job with many runs that wait, of a key whose only place is taken. */
  async function behindAKey(given: OpenRunGiven) {
    const key = newKey();
    const concurrency = { key, limit: 1 };
    const holder = await bench.submit({ concurrency });
    await insertOpenRun(bench, holder, { outcome: 'running', key });
    const jobId = await bench.submit({ concurrency });
    return { key, holder, jobId, runs: await waiting(jobId, 50, given) };
  }

  test.each<OpenRunGiven>([{ trigger: 'manual' }, { trigger: 'backfill' }, { trigger: 'backfill', isParallel: true }])(
    'one is in the line at a time: %j',
    async (given) => {
      const { jobId } = await behindAKey(given);
      expect(await executeAllNamed(jobId)).toBe(1);
      expect(await inLine(jobId)).toBe(1);
    },
  );

  test('one is in the line of the project at a time', async () => {
    await limitProject(1);
    const holder = await bench.submit();
    await insertOpenRun(bench, holder, { outcome: 'running' });
    const jobId = await bench.submit();
    await waiting(jobId, 10, { trigger: 'backfill' });
    expect(await executeAllNamed(jobId)).toBe(1);
    await endRuns(holder);
  });

  test('the next one comes to the gate when that one has begun and ended', async () => {
    const { key, holder, jobId, runs } = await behindAKey({ trigger: 'backfill' });
    await executeAllNamed(jobId);
    await endRuns(holder);
    await grantPlaces(bench.ports, { projectId: bench.caller.projectId, key });
    expect(await executeAllNamed(jobId)).toBe(runs.length);
  });

  test('the one that got its place is told of, however many have come before it since', async () => {
    const { key, holder, jobId, runs } = await behindAKey({ trigger: 'backfill' });
    await executeAllNamed(jobId);
    bench.now = NEW_YEAR - HOUR;
    await waiting(jobId, 50, { trigger: 'backfill' });
    await endRuns(holder);
    await grantPlaces(bench.ports, { projectId: bench.caller.projectId, key });
    expect(await readOpenRun(bench, runs[0] ?? '')).toMatchObject({ isAdmitted: true });
    expect((await named(jobId))[0]).toBe(runs[0]);
  });
});

describe('of a key whose runs wait for the project, too,', () => {
  const setUp = async (limit: number) => {
    const key = newKey();
    const concurrency = { key, limit };
    const [jobId, another] = [await bench.submit({ concurrency }), await bench.submit({ concurrency })];
    await limitProject(1);
    const holder = await bench.submit();
    await insertOpenRun(bench, holder, { outcome: 'running' });
    return { key, jobId, another, holder, owner: { projectId: bench.caller.projectId, key } };
  };
  const held = async (key: string) =>
    (
      await bench.db.query<{ job_id: string }>(sql`select job_id from runs
        where concurrency_key = ${key} and outcome = 'waiting' and waits_for = 'project' order by id`)
    ).map((row) => row.job_id);

  test('a job whose runs are one after another gets one place at a time from the line', async () => {
    const { key, jobId, another, holder, owner } = await setUp(2);
    await waiting(jobId, 2, { key, waitsFor: 'concurrency' });
    await waiting(another, 1, { key, waitsFor: 'concurrency' });
    await grantPlaces(bench.ports, owner);
    expect(await held(key)).toEqual([jobId, another]);
    await endRuns(holder);
  });

  test('a job whose runs are one after another takes one place, however many of them wait', async () => {
    const { key, jobId, another, holder } = await setUp(2);
    await waiting(jobId, 2, { key, waitsFor: 'project' });
    const [runId = ''] = await waiting(another, 1, {});
    await executeRun(bench, { jobId: another, runId });
    expect(await held(key)).toEqual([jobId, jobId, another]);
    await endRuns(holder);
  });
});

test('a limit that its project is given while a run waits for a handler slot holds that run back', async () => {
  const holder = await bench.submit();
  await insertOpenRun(bench, holder, { outcome: 'running' });
  const jobId = await bench.submit();
  const [runId = ''] = await waiting(jobId, 1, {});
  await executeRun(bench, { jobId, runId }, { meanwhile: () => limitProject(1) });
  expect(await readOpenRun(bench, runId)).toMatchObject({ outcome: 'waiting' });
  await executeRun(bench, { jobId, runId });
  expect(await readOpenRun(bench, runId)).toMatchObject({ outcome: 'waiting', waitsFor: 'project' });
  await endRuns(holder);
});
