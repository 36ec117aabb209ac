import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SubmitJob } from '../../src/contract/messages.js';
import { eventually } from '../support/eventually.js';
import { gate, testHandler, type Gate } from '../support/handlers.js';
import { HOUR, watched, type RecurringJob } from '../support/recurring-job.js';
import type { Scheduler } from '../support/scheduler.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';

/** Daily jobs at noon that do not run on the days of a calendar. Their ledger counts days from their first fire. */

let time: TimeTravel;
let scheduler: Scheduler;
let door: Gate | undefined;
const work = testHandler('work', async ({ signal }) => door?.wait(signal));
const DAY = 24 * HOUR;

beforeAll(async () => {
  time = await timeTravel({ handlers: [work], places: PLACES });
  scheduler = time.scheduler;
});
afterAll(() => time?.close());

let calendars = 0;
/** How many handlers run at once. */
const PLACES = 3;
const atNoon = ({ firstFire }: RecurringJob): SubmitJob => ({
  jobName: 'once',
  jobType: 'one-time',
  // Sooner by what it takes until all have their places.
  executionTime: new Date(firstFire - 2_000).toISOString(),
  handler: 'work',
});

interface DailyJob extends RecurringJob {
  /** Makes these days, counted from the first fire, the days of its calendar. */
  exclude(days: number[]): Promise<void>;
}

/** A job whose first fire is in half a day. */
async function dailyJob(excluded: number[], given: Partial<SubmitJob> = {}): Promise<DailyJob> {
  const midnight = Math.ceil((await time.now()) / DAY) * DAY;
  await time.passes(`${(midnight - (await time.now())) / 1_000 + 1} seconds`);
  const firstFire = midnight + 12 * HOUR;
  const name = `calendar-${++calendars}`;
  const dateOf = (day: number) => new Date(firstFire + (day - 1) * DAY).toISOString().slice(0, 10);
  const exclude = (days: number[]) => scheduler.putCalendar(name, { dates: days.map(dateOf) });
  await exclude(excluded);
  const jobId = await scheduler.submit({
    jobName: 'daily',
    jobType: 'recurring',
    frequency: '0 12 * * *',
    handler: 'work',
    exclude: { calendars: [name] },
    ...given,
    ...(given.exclude && { exclude: { ...given.exclude, calendars: [name] } }),
  });
  return { ...watched(scheduler, jobId, firstFire, DAY), exclude };
}

describe('an excluded fire', () => {
  test('does not run and is in the ledger once it has passed, and the days around it run', async () => {
    const job = await dailyJob([2, 3]);
    await time.passes('4 days');
    await scheduler.settleExcluded();
    const expected = ['1 completed', '2 skipped_excluded', '3 skipped_excluded', '4 completed'];
    expect(await job.ledger()).toEqual(expected);
    await scheduler.settleExcluded();
    expect(await job.ledger()).toEqual(expected);
    expect((await job.rows())[1]?.reason).toMatch(/^The calendar "calendar-\d+" excludes \d{4}-\d\d-\d\d\.$/);
    await job.end();
  });

  test('that is still to come is not in the ledger yet', async () => {
    const job = await dailyJob([2]);
    await time.passes('1 days');
    await scheduler.settleExcluded();
    expect(await job.ledger()).toEqual(['1 completed']);
    await job.end();
  });

  test('does not count for maxRuns', async () => {
    const job = await dailyJob([1, 3], { maxRuns: 2 });
    await time.passes('4 days');
    await job.becomes('completed');
    await scheduler.settleExcluded();
    expect(await job.ledger()).toEqual(['1 skipped_excluded', '2 completed', '3 skipped_excluded', '4 completed']);
  });

  test('of a paused job is excluded, not paused', async () => {
    const job = await dailyJob([2]);
    await scheduler.pause(job.jobId);
    await time.passes('3 days');
    await scheduler.settleExcluded();
    await scheduler.resume(job.jobId);
    expect(await job.ledger()).toEqual(['1 skipped_paused', '2 skipped_excluded', '3 skipped_paused']);
    await job.end();
  });

  test('can be run by hand and by its retry', async () => {
    const job = await dailyJob([1]);
    await time.passes('1 days');
    await scheduler.settleExcluded();
    const [row] = await job.rows();
    await scheduler.retry(job.jobId, row?.runId ?? '');
    await job.ledgerBecomes(['1 skipped_excluded', '1 completed by retry']);
    await job.end();
  });
});

describe('shift', () => {
  test('next: the fire runs on the next day that is not excluded, which is its nominal time', async () => {
    const job = await dailyJob([2, 3], { frequency: '0 12 */2 * *', exclude: { calendars: [], shift: 'next' } });
    await time.passes('6 days');
    await scheduler.settleExcluded();
    const ledger = await job.ledger();
    expect(ledger).not.toContain('2 completed');
    expect(ledger).not.toContain('3 completed');
    expect(ledger).toContain('4 completed');
    expect(new Set((await job.rows()).map((row) => row.effectiveAt))).toEqual(new Set([null]));
    await job.end();
  });

  test('previous: it runs on the day before', async () => {
    const job = await dailyJob([4, 5], { frequency: '0 12 * * *', exclude: { calendars: [], shift: 'previous' } });
    await time.passes('6 days');
    await scheduler.settleExcluded();
    expect(await job.ledger()).toEqual([1, 2, 3, 6].map((day) => `${day} completed`));
    await job.end();
  });
});

describe('a calendar that is changed while a job waits', () => {
  test('takes a fire away', async () => {
    const job = await dailyJob([10]);
    await time.passes('1 days');
    await job.exclude([2, 10]);
    await time.passes('2 days');
    await scheduler.settleExcluded();
    expect(await job.ledger()).toEqual(['1 completed', '2 skipped_excluded', '3 completed']);
    await job.end();
  });

  test('gives a fire back', async () => {
    const job = await dailyJob([2, 3]);
    await time.passes('1 days');
    await job.exclude([3]);
    await time.passes('3 days');
    await scheduler.settleExcluded();
    expect(await job.ledger()).toEqual(['1 completed', '2 completed', '3 skipped_excluded', '4 completed']);
    await job.end();
  });

  test('takes a fire away while the job is paused, and a resume catches up with the others', async () => {
    const job = await dailyJob([10]);
    await scheduler.pause(job.jobId);
    await time.passes('1 days');
    await job.exclude([2]);
    await time.passes('2 days');
    await scheduler.resume(job.jobId, { catchUp: 'all' });
    await time.passes('1 days');
    await scheduler.settleExcluded();
    expect(await job.ledger()).toEqual(['1 completed', '2 skipped_excluded', '3 completed', '4 completed']);
    await job.end();
  });

  test('takes a fire away while a run is under way, which goes on', async () => {
    const job = await dailyJob([10]);
    door = gate();
    const passing = time.passes('1 days');
    await door.reached;
    await job.exclude([2]);
    door.open();
    door = undefined;
    await passing;
    await time.passes('2 days');
    await scheduler.settleExcluded();
    expect(await job.ledger()).toEqual(['1 completed', '2 skipped_excluded', '3 completed']);
    await job.end();
  });

  test('keeps a run from beginning that a worker holds already', async () => {
    const job = await dailyJob([10]);
    const hold = time.clock.holdNext();
    const passing = time.passes('1 days');
    await hold.reached;
    await job.exclude([1]);
    hold.open();
    await passing;
    await scheduler.settleExcluded();
    expect(await job.ledger()).toEqual(['1 skipped_excluded']);
    await job.end();
  });

  test('its twin, another day of the calendar, lets it begin', async () => {
    const job = await dailyJob([10]);
    const hold = time.clock.holdNext();
    const passing = time.passes('1 days');
    await hold.reached;
    await job.exclude([9]);
    hold.open();
    await passing;
    expect(await job.ledger()).toEqual(['1 completed']);
    await job.end();
  });

  test('costs no fire that is due and waits for a place on a node', async () => {
    const job = await dailyJob([10]);
    door = gate();
    const busy = await Promise.all(Array.from({ length: PLACES }, () => scheduler.submit(atNoon(job))));
    const passing = time.passes('1 days');
    await eventually(() => expect(scheduler.waitingForAPlace()).toBe(1));
    await job.exclude([9]);
    door.open();
    door = undefined;
    await passing;
    await time.passes('1 days');
    expect(busy).toHaveLength(PLACES);
    expect(await job.ledger()).toEqual(['1 completed', '2 completed']);
    await job.end();
  });

  test('takes a fire away that is put off and has not begun', async () => {
    const job = await dailyJob([10], { jitter: 20 * HOUR, spread: 20 * HOUR });
    const [{ runAt } = { runAt: 0 }] = [(await scheduler.job(job.jobId)).next ?? undefined];
    expect(runAt).toBeGreaterThan(job.firstFire + 60_000);
    await time.passes(`${12 * 3_600 + 30} seconds`);
    await job.exclude([1]);
    await time.passes('1 days');
    await scheduler.settleExcluded();
    expect((await job.ledger())[0]).toBe('1 skipped_excluded');
    await job.end();
  });

  test('and leaves one that is put off where it was, when it is about another day', async () => {
    const job = await dailyJob([10], { jitter: 20 * HOUR, spread: 20 * HOUR });
    const { next } = await scheduler.job(job.jobId);
    await time.passes(`${12 * 3_600 + 30} seconds`);
    await job.exclude([9]);
    expect((await scheduler.job(job.jobId)).next).toEqual(next);
    await time.passes('1 days');
    expect((await job.ledger())[0]).toBe('1 completed');
    await job.end();
  });
});
