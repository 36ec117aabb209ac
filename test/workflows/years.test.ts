import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { previewSchedule, scheduleOf } from '../../src/commands/index.js';
import { PreviewSchedule, SubmitJob } from '../../src/contract/messages.js';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import { localText, previewFires } from '../../src/schedule/index.js';
import { readJob } from '../../src/store/job-reads.js';
import { testHandler } from '../support/handlers.js';
import { CALLER } from '../support/scheduler.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';

const DAY = 86_400_000;
const dayIn = (days: number) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
const thisYear = new Date().getUTCFullYear();

/** The last Sunday of the next March: the day on which clocks in Europe are set forward. */
function springForward(): string {
  const [day = ''] = [thisYear, thisYear + 1]
    .map((year) => new Date(Date.UTC(year, 2, 31 - new Date(Date.UTC(year, 2, 31)).getUTCDay())))
    .filter((date) => date.getTime() > Date.now() + DAY)
    .map((date) => date.toISOString().slice(0, 10));
  return day;
}

/** Each kind of schedule that is more than a time of day, with all that may stand beside a frequency. */
const schedules = {
  'monthly on the 31st': {
    frequency: 'monthly',
    executionTime: `${thisYear - 1}-01-31T09:00`,
    timezone: 'Europe/Lisbon',
  },
  'the last Friday': { frequency: '0 9 * * 5L', timezone: 'America/New_York' },
  yearly: { frequency: 'yearly', executionTime: `${springForward()}T01:30`, timezone: 'Europe/Lisbon' },
  'a union': { frequency: ['0 8 * * 1', '30 2 * * 0', '0 8 1 * *'], timezone: 'America/New_York' },
  'weekdays but holidays': {
    frequency: '45 1 * * *',
    timezone: 'Australia/Lord_Howe',
    exclude: { calendars: ['weekends', 'holidays'] },
  },
  'moved to the next day': {
    frequency: '30 2 1,15 * *',
    exclude: { calendars: ['weekends', 'holidays'], shift: 'next' },
  },
  'moved to the day before': { frequency: '0 9 * * 0', exclude: { calendars: ['weekends'], shift: 'previous' } },
  'an end': { frequency: 'every 5 days', endAt: `${dayIn(200)}T12:00:00Z` },
  'a beginning': { frequency: 'weekly', startAt: `${dayIn(100)}T12:00:00Z` },
  'five runs, weekends aside': { frequency: '0 12 * * 5-7', maxRuns: 5, exclude: { calendars: ['weekends'] } },
  jitter: { frequency: '30 1 * * 0', timezone: 'Europe/Lisbon', jitter: 'PT6H', spread: 'PT12H' },
  'jitter and a moved day': {
    frequency: '0 23 * * 6',
    timezone: 'America/New_York',
    jitter: 'PT10M',
    exclude: { calendars: ['weekends'], shift: 'next' },
  },
  'skipped local times': { frequency: '0 1,2 * * 0', timezone: 'Europe/Lisbon', dst: { gap: 'skip', overlap: 'both' } },
} as const;

const leapYears = {
  '29 February': { frequency: '0 12 29 2 *', timezone: 'Europe/Lisbon' },
  'yearly from 29 February': { frequency: 'yearly', executionTime: '2024-02-29T12:00', timezone: 'Europe/Lisbon' },
} as const;

let time: TimeTravel;
const ids: Record<string, string> = {};

beforeAll(async () => {
  time = await timeTravel({ handlers: [testHandler('work')] });
  const { scheduler } = time;
  await scheduler.putCalendar('weekends', { weekdays: ['SA', 'SU'] });
  await scheduler.putCalendar('holidays', {
    recurring: [{ month: 12, day: 25 }, { month: 1, day: 1 }, { easter: 1 }, { month: 11, weekday: 'TH', nth: 4 }],
  });
  await submitAll(schedules);
  for (let month = 0; month < 13; month++) {
    await time.passes('31 days');
    await scheduler.settleExcluded();
  }
}, 180_000);
afterAll(() => time?.close());

async function submitAll(jobs: Record<string, object>): Promise<void> {
  for (const [name, when] of Object.entries(jobs)) {
    const job = SubmitJob.parse({ jobName: name, jobType: 'recurring', handler: 'work', ...when });
    ids[name] = await time.scheduler.submit(job);
  }
}

/** What the ledger has of a job, and what the preview at its submission had of it up to now. */
async function told(name: string) {
  const found = await readJob(time.scheduler.db, DEFAULT_PROJECT_ID, ids[name] ?? '');
  if (!found) throw new Error(`no job ${name}`);
  const { job } = found;
  const now = await time.now();
  const rows = await time.scheduler.ledger(job.id);
  const maxRuns = job.maxRuns ?? undefined;
  const fires = previewFires(scheduleOf(job), job.createdAt, { count: rows.length + 2, seed: job.id, maxRuns }).filter(
    ({ fireAt, runAt }) => (runAt ?? fireAt) <= now,
  );
  return {
    job,
    ledger: rows.map(({ at, effectiveAt, outcome, count }) => ({ at, effectiveAt, outcome, count })),
    preview: fires.map(({ fireAt, runAt, isExcluded }) => ({
      at: new Date(fireAt).toISOString(),
      effectiveAt: runAt === null || runAt === fireAt ? null : new Date(runAt).toISOString(),
      outcome: isExcluded ? 'skipped_excluded' : 'completed',
      count: 1,
    })),
  };
}

/** The days (month and day) on which a job's fires ran, by the clock of its zone. */
async function daysOf(name: string): Promise<string[]> {
  const { job, ledger } = await told(name);
  const ran = ledger.filter(({ outcome }) => outcome === 'completed');
  return ran.map(({ at }) => localText(Date.parse(at), job.timezone).slice(5, 10));
}

describe('over a year and more, what the preview shows is what the ledger has', () => {
  test.each(Object.keys(schedules))('row for row: %s', async (name) => {
    const { ledger, preview } = await told(name);
    expect(ledger).toEqual(preview);
    expect(ledger.length).toBeGreaterThanOrEqual(1);
  });

  test.each(Object.entries(schedules))('the preview of a schedule without its job agrees: %s', async (name, when) => {
    const { job, preview } = await told(name);
    const { db, clock } = time.scheduler;
    const after = new Date(job.createdAt).toISOString();
    const asked = PreviewSchedule.parse({ ...when, after, count: Math.max(1, preview.length) });
    const { fires } = await previewSchedule({ db, clock }, CALLER, asked);
    const shown = fires
      .slice(0, preview.length)
      .map(({ fireAt, isExcluded }) => [new Date(fireAt).toISOString(), isExcluded]);
    expect(shown).toEqual(preview.map(({ at, outcome }) => [at, outcome === 'skipped_excluded']));
  });

  test('and is what the calendar says', async () => {
    const ends = await daysOf('monthly on the 31st');
    expect(ends.length).toBeGreaterThanOrEqual(12);
    for (const day of ends) expect(day).toMatch(/^(01|03|05|07|08|10|12)-31|(04|06|09|11)-30|02-2[89]$/);
    // 01:30 does not exist on that day: it is 02:30.
    expect((await told('yearly')).ledger[0]?.at).toBe(`${springForward()}T01:30:00.000Z`);
    expect(await daysOf('weekdays but holidays')).not.toContain('12-25');
    const skipped = (await told('weekdays but holidays')).ledger.filter(
      ({ outcome }) => outcome === 'skipped_excluded',
    );
    expect(skipped.length).toBeGreaterThan(110);
    const limited = await told('five runs, weekends aside');
    expect(limited.job.status).toBe('completed');
    expect(limited.ledger.filter(({ outcome }) => outcome === 'completed')).toHaveLength(5);
    expect((await told('an end')).job).toMatchObject({ status: 'completed', next: null });
    const { ledger } = await told('jitter');
    expect(new Set(ledger.map(({ at, effectiveAt }) => Date.parse(effectiveAt ?? at) - Date.parse(at))).size).toBe(
      ledger.length,
    );
  });
});

test('over ten years 29 February comes every fourth, and the yearly job every year', async () => {
  for (const [name, jobId] of Object.entries(ids)) {
    if ((await told(name)).job.status !== 'completed') await time.scheduler.cancel(jobId);
  }
  await submitAll(leapYears);
  // No more than that: the time-skipping server ends a workflow after ten years.
  await time.passes('3640 days');
  for (const name of Object.keys(leapYears)) {
    const { ledger, preview } = await told(name);
    expect(ledger).toEqual(preview);
    const isLeap = (year: string) => Number(year) % 4 === 0;
    const days = ledger.map(({ at }) => [at.slice(5, 10), isLeap(at.slice(0, 4))]);
    expect(new Set(days.map(([day, leap]) => `${day} ${leap}`))).toEqual(
      new Set(name === '29 February' ? ['02-29 true'] : ['02-28 false', '02-29 true']),
    );
    expect(ledger.length).toBeGreaterThanOrEqual(name === '29 February' ? 2 : 9);
  }
}, 60_000);
