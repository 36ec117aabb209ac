import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { firesBetween, parseSchedule } from '../../src/schedule/index.js';
import { testHandler } from '../support/handlers.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';

let time: TimeTravel;
const work = testHandler('work');

beforeAll(async () => {
  time = await timeTravel({ handlers: [work] });
});
afterAll(() => time?.close());

/** What the schedule itself says, which is what the ledger must hold. */
function expected(frequency: string, timezone: string, from: string, days: number): string[] {
  const parsed = parseSchedule({ jobType: 'recurring', frequency, timezone });
  if (!parsed.ok) throw new Error(parsed.problems.map((problem) => problem.message).join());
  const after = Date.parse(from);
  return firesBetween(parsed.schedule, after, after + days * 86_400_000, 1_000).map((at) => new Date(at).toISOString());
}

describe('over months of time', () => {
  test('a one-time job runs once, at its instant, and is completed', async () => {
    const { scheduler } = time;
    const executionTime = new Date((await time.now()) + 40 * 86_400_000).toISOString();
    const jobId = await scheduler.submit({ jobName: 'once', jobType: 'one-time', executionTime, handler: 'work' });
    await time.passes('39 days');
    expect(await scheduler.ledger(jobId)).toEqual([]);
    await time.passes('2 days');
    expect(await scheduler.ledger(jobId)).toEqual([
      expect.objectContaining({ at: executionTime, outcome: 'completed', attempts: 1 }),
    ]);
    expect(await scheduler.job(jobId)).toMatchObject({ status: 'completed', next: null, runCount: 1 });
  });

  test('a daily job keeps its local time over both changes of the clock, with no day left out', async () => {
    const { scheduler } = time;
    const from = new Date(await time.now()).toISOString();
    const frequency = '30 2 * * *';
    const timezone = 'America/New_York';
    const jobId = await scheduler.submit({
      jobName: 'daily',
      jobType: 'recurring',
      frequency,
      timezone,
      handler: 'work',
    });
    await time.passes('370 days');
    const ledger = await scheduler.ledger(jobId);
    expect(ledger.map((row) => row.at)).toEqual(expected(frequency, timezone, from, 370));
    expect(new Set(ledger.map((row) => row.outcome))).toEqual(new Set(['completed']));
    // The day on which the clock is set forward has no 02:30 in New York: the run is at 03:00, the end of the gap.
    expect(ledger.filter((row) => row.at.endsWith('T07:00:00.000Z'))).not.toHaveLength(0);
    await scheduler.cancel(jobId);
  });

  test('a monthly job on the 31st runs on the last day of every shorter month', async () => {
    const { scheduler } = time;
    const year = new Date(await time.now()).getUTCFullYear() + 1;
    const jobId = await scheduler.submit({
      jobName: 'monthly',
      jobType: 'recurring',
      executionTime: `${year}-01-31T09:00:00Z`,
      frequency: 'monthly',
      handler: 'work',
    });
    await time.passes('550 days');
    const days = (await scheduler.ledger(jobId)).map((row) => row.at.slice(5, 10));
    expect(days.slice(0, 6)).toEqual(['01-31', year % 4 === 0 ? '02-29' : '02-28', '03-31', '04-30', '05-31', '06-30']);
    await scheduler.cancel(jobId);
  });
});
