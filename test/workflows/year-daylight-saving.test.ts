import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Temporal } from 'temporal-polyfill';
import { scheduleOf } from '../../src/commands/index.js';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import { localText, previewFires } from '../../src/schedule/index.js';
import { readJob } from '../../src/store/job-reads.js';
import { testHandler } from '../support/handlers.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';

/** Daily jobs at a time that the clock skips in spring (`gap`), shows twice in autumn (`overlap`), or both. */
const jobs = [
  // Clocks in Lisbon jump from 01:00 to 02:00, and back from 02:00 to 01:00: half past one is in both.
  { timezone: 'Europe/Lisbon', frequency: '30 1 * * *', time: '01:30', inTheGap: '02:00' },
  { timezone: 'America/New_York', frequency: '30 2 * * *', time: '02:30', inTheGap: '03:00' },
  { timezone: 'America/New_York', frequency: '30 1 * * *', time: '01:30' },
  // Half an hour, in the southern hemisphere: 02:00 to 02:30, and back to 01:30.
  { timezone: 'Australia/Lord_Howe', frequency: '10 2 * * *', time: '02:10', inTheGap: '02:30' },
  { timezone: 'Australia/Lord_Howe', frequency: '45 1 * * *', time: '01:45' },
  // A keyword moves on by the length of the gap instead.
  { timezone: 'Australia/Lord_Howe', frequency: 'daily', executionTime: '02:10', time: '02:10', inTheGap: '02:40' },
] as const;

let time: TimeTravel;
const submitted: string[] = [];
const work = testHandler('work');

beforeAll(async () => {
  time = await timeTravel({ handlers: [work] });
  const tomorrow = new Date((await time.now()) + 86_400_000).toISOString().slice(0, 10);
  for (const { timezone, frequency, ...job } of jobs) {
    const anchor = 'executionTime' in job ? { executionTime: `${tomorrow}T${job.executionTime}` } : {};
    const recurring = { jobName: 'daily', jobType: 'recurring', handler: 'work' } as const;
    submitted.push(await time.scheduler.submit({ ...recurring, timezone, frequency, ...anchor }));
  }
  // From any day on, this has a spring and an autumn.
  await time.passes('366 days');
}, 180_000);
afterAll(() => time?.close());

test.each(jobs.map((job, index) => ({ index, ...job })))(
  '$frequency in $timezone runs when the preview says, once a day for a year',
  async ({ index, timezone, time: usual, ...expected }) => {
    const found = await readJob(time.scheduler.db, DEFAULT_PROJECT_ID, submitted[index] ?? '');
    if (!found) throw new Error('the job is gone');
    const { job } = found;
    const ledger = await time.scheduler.ledger(job.id);
    const now = await time.now();
    const previewed = previewFires(scheduleOf(job), job.createdAt, { count: 1_000, seed: job.id })
      .filter(({ fireAt }) => fireAt <= now)
      .map(({ fireAt }) => ({ at: new Date(fireAt).toISOString(), outcome: 'completed', attempts: 1 }));
    expect(ledger.map(({ at, outcome, attempts }) => ({ at, outcome, attempts }))).toEqual(previewed);

    const local = ledger.map(({ at }) => localText(Date.parse(at), timezone));
    const dates = local.map((text) => Temporal.PlainDate.from(text.slice(0, 10)));
    expect(dates.length).toBeGreaterThanOrEqual(364);
    for (const [day, date] of dates.entries()) expect(date.toString()).toBe(dates[0]?.add({ days: day }).toString());
    const unusual = local.map((text) => text.slice(11, 16)).filter((text) => text !== usual);
    expect([...new Set(unusual)]).toEqual('inTheGap' in expected ? [expected.inTheGap] : []);
    // Both offsets of the zone: the clock was changed to and fro.
    expect(new Set(local.map((text) => text.slice(-6))).size).toBe(2);
  },
);

test('each fire reached its handler once', () => {
  const calls = work.calls.map(({ runId }) => runId);
  expect(new Set(calls).size).toBe(calls.length);
  expect(calls.length).toBeGreaterThanOrEqual(364 * jobs.length);
});
