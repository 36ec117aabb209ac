import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { giveUpWaiting, pauseJob, resumeJob, updateJob } from '../../src/commands/index.js';
import type { SubmitJob } from '../../src/contract/messages.js';
import type { Database } from '../../src/store/database.js';
import { markDispatched, type Undispatched } from '../../src/store/dispatches.js';
import { commandsBench, NEW_YEAR, type CommandsBench } from '../support/commands-bench.js';
import { executeRun, type RunToExecute } from '../support/execute-run.js';
import { oneInTheOther } from '../support/held-transaction.js';
import { insertOpenRun, readOpenRun } from '../support/lines.js';

/** What holds a run back at its begin, and for how long. */

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

let keys = 0;
const newKey = () => `key ${(keys += 1)}`;
const hourly = (given: Partial<SubmitJob> = {}) => bench.submit({ frequency: '0 * * * *', ...given });

const execute = (run: RunToExecute, meanwhile?: () => Promise<unknown>, db?: Database) =>
  executeRun(bench, run, { meanwhile, db });

async function ledger(jobId: string): Promise<{ id: string; outcome: string }[]> {
  return bench.db.query<{ id: string; outcome: string }>(
    sql`select id, outcome from runs where job_id = ${jobId} order by id`,
  );
}

/** Executes the first fire of a job. */
async function executeFirstFire(jobId: string, ...more: [meanwhile?: () => Promise<unknown>, db?: Database]) {
  bench.now = NEW_YEAR + HOUR;
  await execute({ jobId, fireAt: bench.now }, ...more);
}

describe('a fire that waits for another job', () => {
  const held = async () => {
    const followed = await bench.submit();
    const jobId = await hourly({ after: [{ job: followed }], waitAtMost: 10 * MINUTE });
    await executeFirstFire(jobId);
    const [run] = await ledger(jobId);
    return { jobId, runId: run?.id ?? '' };
  };
  const end = new Date(NEW_YEAR + HOUR + 10 * MINUTE);
  const pauseAndResume = async (jobId: string) => {
    await pauseJob(bench.ports, bench.caller, jobId, {});
    await resumeJob(bench.ports, bench.caller, jobId, {});
  };

  test('waits no longer for a pause between', async () => {
    const run = await held();
    expect(await readOpenRun(bench, run.runId)).toMatchObject({ waitsFor: 'condition', waitUntil: end });
    await pauseAndResume(run.jobId);
    await execute(run);
    expect(await readOpenRun(bench, run.runId)).toMatchObject({ waitsFor: 'condition', waitUntil: end });
    bench.now = end.getTime();
    await giveUpWaiting(bench.ports);
    expect(await readOpenRun(bench, run.runId)).toMatchObject({ outcome: 'skipped_condition' });
  });

  test('is given up when its time is over at the end of the pause', async () => {
    const run = await held();
    await pauseJob(bench.ports, bench.caller, run.jobId, {});
    bench.now = end.getTime();
    await resumeJob(bench.ports, bench.caller, run.jobId, {});
    await execute(run);
    expect(await readOpenRun(bench, run.runId)).toMatchObject({ outcome: 'skipped_condition' });
  });

  test('goes by a wait that is changed meanwhile', async () => {
    const run = await held();
    await updateJob(bench.ports, bench.caller, run.jobId, { waitAtMost: 20 * MINUTE });
    await execute(run);
    const later = new Date(end.getTime() + 10 * MINUTE);
    expect(await readOpenRun(bench, run.runId)).toMatchObject({ waitsFor: 'condition', waitUntil: later });
  });
});

describe('while a run waits for a handler slot', () => {
  const holder = async (key: string) =>
    insertOpenRun(bench, await bench.submit({ concurrency: { key, limit: 1 } }), { outcome: 'running', key });

  test('its job may be given a key, by which it goes', async () => {
    const concurrency = { key: newKey(), limit: 1 };
    await holder(concurrency.key);
    const jobId = await hourly();
    await executeFirstFire(jobId, () => updateJob(bench.ports, bench.caller, jobId, { concurrency }));
    expect(await ledger(jobId)).toEqual([]);
    await executeFirstFire(jobId);
    expect(await ledger(jobId)).toMatchObject([{ outcome: 'waiting' }]);
  });

  test('a pause takes the place from it that it had got', async () => {
    const key = newKey();
    const jobId = await hourly({ concurrency: { key, limit: 1 } });
    const runId = await insertOpenRun(bench, jobId, { trigger: 'schedule', key, isAdmitted: true });
    await execute({ jobId, runId }, async () => {
      await pauseJob(bench.ports, bench.caller, jobId, {});
      await holder(key);
      await resumeJob(bench.ports, bench.caller, jobId, {});
    });
    expect(await readOpenRun(bench, runId)).toMatchObject({ outcome: 'waiting' });
  });
});

describe('a run that has others cancelled', () => {
  const terms = () => ({ key: newKey(), limit: 2, onLimit: 'cancel_running' }) as const;
  const running = async (concurrency: ReturnType<typeof terms>) => {
    const jobId = await bench.submit({ concurrency });
    return { jobId, runId: await insertOpenRun(bench, jobId, { outcome: 'running', key: concurrency.key }) };
  };

  test('cancels none when it may not wait itself', async () => {
    const concurrency = terms();
    const holders = [await running(concurrency), await running(concurrency)];
    const jobId = await hourly({ concurrency });
    await insertOpenRun(bench, jobId, { trigger: 'schedule', key: concurrency.key, waitsFor: 'concurrency' });
    await executeFirstFire(jobId);
    expect((await ledger(jobId)).map((row) => row.outcome)).toContain('skipped_overlap');
    for (const { runId } of holders) expect(await readOpenRun(bench, runId)).toMatchObject({ isToStop: false });
  });

  test('does so while others lock both jobs in the order of their ids', async () => {
    const concurrency = terms();
    const jobId = await hourly({ concurrency });
    const holders = [await running(concurrency), await running(concurrency)];
    const ids = [jobId, holders[0]?.jobId ?? ''];
    const taken = ids.map((id) => ({ jobId: id, wish: { generation: 1 } }) as Undispatched);
    await oneInTheOther(
      bench.db,
      (db) => executeFirstFire(jobId, undefined, db),
      () => markDispatched(bench.db, taken, bench.now),
      'lock-job',
    );
    expect(await ledger(jobId)).toMatchObject([{ outcome: 'waiting' }]);
    expect(await readOpenRun(bench, holders[0]?.runId ?? '')).toMatchObject({ isToStop: true });
  });
});
