import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import type { SubmitJob } from '../../src/contract/messages.js';
import { eventually } from '../support/eventually.js';
import { gate, testHandler, type Gate } from '../support/handlers.js';
import { realTime, type RealTime } from '../support/real-time.js';
import { HOUR, watched } from '../support/recurring-job.js';
import type { Scheduler } from '../support/scheduler.js';

/** cancel_other after an outage. On a real server: on the time-skipping one no time passes during a run. */

/** Longer than a worker takes to learn that a run is cancelled: a heartbeat, which comes each second. */
const TAKES_MS = 2_000;
let real: RealTime;
let scheduler: Scheduler;
/** The first run waits here. */
let door: Gate;
const work = testHandler('work', async ({ signal }) => {
  await door.wait(signal);
  const end = gate();
  setTimeout(end.open, TAKES_MS); // a run that takes time is the subject
  await end.wait(signal);
});

beforeAll(async () => {
  real = await realTime({ handlers: [work] });
  scheduler = real.scheduler;
  door = gate();
});
afterAll(() => real?.close());

/** A job whose fires of the last two hours nothing has run, as after an outage, its first to begin being under way. */
async function afterAnOutage(given: Partial<SubmitJob>) {
  const now = scheduler.clock.now();
  // Half an hour from its fires, so that none comes during the test.
  const anchor = now - 2.5 * HOUR;
  const jobId = await scheduler.submit({
    jobName: 'hourly',
    jobType: 'recurring',
    frequency: 'every 1 hour',
    executionTime: new Date(anchor).toISOString(),
    handler: 'work',
    ...given,
  });
  await scheduler.allDispatched();
  const first = new Date(Math.floor(anchor) + HOUR);
  await scheduler.db.query(sql`update jobs set settled_until = ${new Date(first.getTime() - 1)}, next_run_at = ${first},
    generation = generation + 1, status_number = status_number + 1 where id = ${jobId}`);
  await door.reached;
  return watched(scheduler, jobId, first.getTime());
}

describe('cancel_other, with catchUp all', () => {
  test('the runs that are caught up with do not cancel each other, nor does a change of the job', async () => {
    const job = await afterAnOutage({
      overlap: 'cancel_other',
      catchUp: { policy: 'all', window: 24 * HOUR },
    });
    // The workflow is told of the next fire, which is due, while the first one runs.
    await scheduler.update(job.jobId, { tags: ['changed'] });
    await scheduler.allDispatched();
    door.open();
    await eventually(async () => expect(await job.ledger()).toHaveLength(2));
    await job.ledgerBecomes(['1 completed', '2 completed']);
    expect(job.ranBy(work)).toEqual([1, 2]);
    await job.end();
  });
});
