import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testHandler } from '../support/handlers.js';
import { HOUR, hourlyJob, nextHour, type RecurringJob } from '../support/recurring-job.js';
import type { Scheduler } from '../support/scheduler.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';

/** A run that lasts beyond the end of its job's schedule: its end skips the fires that are left. Two more would come. */

let time: TimeTravel;
let scheduler: Scheduler;
/** What happens in each next run. */
let inRun: (() => unknown)[] = [];
const work = testHandler('work', async () => inRun.shift()?.());

beforeAll(async () => {
  time = await timeTravel({ handlers: [work] });
  scheduler = time.scheduler;
});
afterAll(() => time?.close());
beforeEach(() => {
  inRun = [];
});

async function outlastsItsSchedule(meanwhile: (job: RecurringJob) => unknown): Promise<RecurringJob> {
  const endAt = new Date((await nextHour(time)) + 2 * HOUR).toISOString();
  const job = await hourlyJob(time, { overlap: 'skip', endAt });
  inRun = [
    async () => {
      await meanwhile(job);
      time.clock.advance(3.5 * HOUR);
    },
  ];
  await time.passes('1 hours');
  await job.becomes('completed');
  return job;
}

const skipped = ['2 skipped_overlap', '3 skipped_overlap'];

describe('when the schedule ends during a run', () => {
  test('its end completes the job', async () => {
    const job = await outlastsItsSchedule(() => undefined);
    expect(await job.ledger()).toEqual(['1 completed', ...skipped]);
  });

  test('a run by hand that waits is run before that', async () => {
    const job = await outlastsItsSchedule(({ jobId }) => scheduler.trigger(jobId));
    expect((await job.rows()).map((row) => [row.trigger, row.outcome])).toEqual([
      ['schedule', 'completed'],
      ['manual', 'completed'],
      ['schedule', 'skipped_overlap'],
      ['schedule', 'skipped_overlap'],
    ]);
  });

  test('so are those of a backfill', async () => {
    const job = await outlastsItsSchedule(({ jobId, hour }) =>
      scheduler.backfill(jobId, { from: hour(-1), to: hour(0) }),
    );
    const filled = ['-1 completed by backfill', '0 completed by backfill'];
    expect(await job.ledger()).toEqual([...filled, '1 completed', ...skipped]);
  });
});
