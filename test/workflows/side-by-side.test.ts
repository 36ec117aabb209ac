import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SubmitJob } from '../../src/contract/messages.js';
import { countedWork, gapsOf } from '../support/counted-work.js';
import { eventually } from '../support/eventually.js';
import { realTime, type RealTime } from '../support/real-time.js';
import type { LedgerRow, Scheduler } from '../support/scheduler.js';

/**
 * Fires that come due while runs are under way, and run beside them (`allow_all`). On a real server: on the time-skipping
 * one no time passes during a run. cancel_other is in continue-as-new-overlap.test.ts.
 */

let real: RealTime;
let scheduler: Scheduler;
const work = countedWork();
beforeEach(() => work.reset());

const submit = (job: Partial<SubmitJob>) =>
  scheduler.submit({ jobName: 'job', jobType: 'recurring', frequency: 'every second', handler: 'work', ...job });
const outcomes = (rows: LedgerRow[]) => rows.map((row) => row.outcome);
const rowsOf = (jobId: string, trigger = 'schedule') =>
  scheduler.ledger(jobId).then((rows) => rows.filter((row) => row.trigger === trigger));
const areUnderWay = (count: number) => eventually(() => expect(work.underWay).toBeGreaterThanOrEqual(count));
const becomes = (jobId: string, status: string) =>
  eventually(async () => expect((await scheduler.job(jobId)).status).toBe(status));

describe('runs beside each other', () => {
  beforeAll(async () => {
    real = await realTime({ handlers: [work.handler] });
    scheduler = real.scheduler;
  });
  afterAll(() => real?.close());

  test('skip, the twin of allow_all: no two runs are under way at once', async () => {
    const jobId = await submit({ overlap: 'skip', payload: { takesMs: 1_600 } });
    await eventually(async () => expect((await rowsOf(jobId)).length).toBeGreaterThanOrEqual(5));
    await scheduler.cancel(jobId);
    expect(work.mostUnderWay).toBe(1);
    expect(gapsOf(await rowsOf(jobId))).toEqual([]);
  });

  test('a cancelled job cancels all of them, and says so in the ledger', async () => {
    const jobId = await submit({ overlap: 'allow_all' });
    await areUnderWay(3);
    await scheduler.cancel(jobId);
    await eventually(async () => expect(new Set(outcomes(await rowsOf(jobId)))).toEqual(new Set(['cancelled'])));
    const began = (await rowsOf(jobId)).filter((row) => row.attempts > 0);
    expect(new Set(began.map((row) => row.reason))).toEqual(new Set(['The job was cancelled.']));
    expect(await scheduler.job(jobId)).toMatchObject({ status: 'cancelled', runningRuns: 0 });
  });

  test('a pause lets them finish and keeps the next from beginning, and a resume goes on', async () => {
    const jobId = await submit({ overlap: 'allow_all' });
    await areUnderWay(2);
    await scheduler.pause(jobId);
    const begun = (await scheduler.job(jobId)).runCount;
    work.door.open();
    await eventually(async () => expect((await scheduler.job(jobId)).runningRuns).toBe(0));
    expect(await scheduler.job(jobId)).toMatchObject({ status: 'paused', runCount: begun });
    await scheduler.resume(jobId);
    await eventually(async () => expect((await scheduler.job(jobId)).runCount).toBeGreaterThanOrEqual(begun + 2));
    await scheduler.cancel(jobId);
    expect(gapsOf(await rowsOf(jobId))).toEqual([]);
  });

  test('an update of the schedule leaves them alone, and counts from the next fire on', async () => {
    const jobId = await submit({ overlap: 'allow_all' });
    await areUnderWay(2);
    await scheduler.update(jobId, { frequency: 'every 2 seconds', payload: { takesMs: 10 } });
    const before = await rowsOf(jobId);
    await eventually(async () => expect((await rowsOf(jobId)).length).toBeGreaterThanOrEqual(before.length + 2));
    work.door.open();
    await eventually(async () =>
      expect(new Set(outcomes(await rowsOf(jobId)).slice(0, 2))).toEqual(new Set(['completed'])),
    );
    await scheduler.cancel(jobId);
    const rows = await rowsOf(jobId);
    expect(new Set(rows.map((row) => row.at)).size).toBe(rows.length);
    const since = rows.slice(before.length).map((row) => Date.parse(row.at));
    expect(since.every((at) => at % 2_000 === 0)).toBe(true);
    expect(rows.slice(before.length).filter((row) => row.outcome === 'skipped_overlap')).toEqual([]);
  });

  test('a run by hand goes beside them', async () => {
    const jobId = await submit({ overlap: 'allow_all', maxRuns: 2 });
    await areUnderWay(2);
    const runId = await scheduler.trigger(jobId);
    await areUnderWay(3);
    expect(await rowsOf(jobId, 'manual')).toEqual([expect.objectContaining({ runId, outcome: 'running' })]);
    work.door.open();
    await becomes(jobId, 'completed');
    expect(await scheduler.job(jobId)).toMatchObject({ runCount: 3, scheduleRunCount: 2, runningRuns: 0 });
  });

  test('the job is completed when the last of them ends, and not before, though they end at once', async () => {
    const jobIds = await Promise.all([2, 3, 4].map((maxRuns) => submit({ overlap: 'allow_all', maxRuns })));
    await areUnderWay(9);
    for (const jobId of jobIds) expect(await scheduler.job(jobId)).toMatchObject({ status: 'running', next: null });
    work.door.open();
    await Promise.all(jobIds.map((jobId) => becomes(jobId, 'completed')));
    for (const [index, jobId] of jobIds.entries()) {
      expect(outcomes(await scheduler.ledger(jobId))).toEqual(Array.from({ length: index + 2 }, () => 'completed'));
    }
  });

  test('one that ends first leaves the job running until the others have ended', async () => {
    const jobId = await submit({ overlap: 'allow_all', maxRuns: 2 });
    await areUnderWay(1);
    await scheduler.update(jobId, { payload: { takesMs: 10 } });
    await eventually(async () => expect(outcomes(await scheduler.ledger(jobId))).toEqual(['running', 'completed']));
    expect(await scheduler.job(jobId)).toMatchObject({ status: 'running', next: null, runningRuns: 1 });
    work.door.open();
    await becomes(jobId, 'completed');
  });
});
