import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SubmitJob } from '../../src/contract/messages.js';
import { workflowIdOf } from '../../src/domain/ids.js';
import { countedWork, gapsOf } from '../support/counted-work.js';
import { eventually } from '../support/eventually.js';
import { realTime, type RealTime } from '../support/real-time.js';
import type { LedgerRow, Scheduler } from '../support/scheduler.js';

/** Fires on which a job acts while a run is under way, however often its workflow continues as new. On a real server: see side-by-side.test.ts. */

let real: RealTime;
let scheduler: Scheduler;
const work = countedWork();
beforeEach(() => work.reset());

const submit = (job: Partial<SubmitJob>) =>
  scheduler.submit({ jobName: 'job', jobType: 'recurring', frequency: 'every second', handler: 'work', ...job });
const outcomes = (rows: LedgerRow[]) => rows.map((row) => row.outcome);
const rowsOf = (jobId: string) => scheduler.ledger(jobId);

describe.each([1, 2, 3])('with a workflow that continues as new after every %i turns', (turnsPerExecution) => {
  beforeAll(async () => {
    real = await realTime({ handlers: [work.handler], life: { turnsPerExecution } });
    scheduler = real.scheduler;
  });
  afterAll(() => real?.close());

  test('allow_all: a job whose runs are always under way loses no fire and runs none twice', async () => {
    const jobId = await submit({ overlap: 'allow_all', payload: { takesMs: 1_600 } });
    await eventually(async () => expect((await rowsOf(jobId)).length).toBeGreaterThanOrEqual(4));
    await scheduler.pause(jobId);
    await eventually(() => expect(work.underWay).toBe(0));
    const began = (await rowsOf(jobId)).filter((row) => row.attempts > 0);
    expect(gapsOf(began)).toEqual([]);
    await eventually(async () =>
      expect(new Set(outcomes(await rowsOf(jobId)).slice(0, began.length))).toEqual(new Set(['completed'])),
    );
    expect(work.mostUnderWay).toBeGreaterThanOrEqual(2);
    expect(new Set(began.map((row) => row.attempts))).toEqual(new Set([1]));

    await scheduler.resume(jobId, { catchUp: 'all' });
    const paused = (await rowsOf(jobId)).length;
    await eventually(async () => expect((await rowsOf(jobId)).length).toBeGreaterThanOrEqual(paused + 3));
    await scheduler.cancel(jobId);
    await eventually(() => expect(work.underWay).toBe(0));
    expect(gapsOf(await rowsOf(jobId))).toEqual([]);
    const { historyLength } = await scheduler.client.workflow.getHandle(workflowIdOf(jobId)).describe();
    expect(historyLength).toBeLessThan(150);
  }, 40_000);

  test('cancel_other: each run is cancelled by the fire after it, which then runs', async () => {
    const jobId = await submit({ overlap: 'cancel_other' });
    await eventually(async () => expect((await rowsOf(jobId)).length).toBeGreaterThanOrEqual(3));
    work.door.open();
    await eventually(async () => expect(outcomes(await rowsOf(jobId))).toContain('completed'));
    await scheduler.cancel(jobId);
    const rows = await rowsOf(jobId);
    expect(gapsOf(rows)).toEqual([]);
    expect(rows[0]).toMatchObject({
      outcome: 'cancelled',
      reason: 'A later fire came due, and the overlap policy of the job is cancel_other.',
    });
    expect(work.mostUnderWay).toBe(1);
  }, 40_000);
});
