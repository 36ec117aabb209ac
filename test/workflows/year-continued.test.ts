import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { scheduleOf } from '../../src/commands/index.js';
import { SubmitJob } from '../../src/contract/messages.js';
import type { CatchUp } from '../../src/domain/job.js';
import { DEFAULT_PROJECT_ID, workflowIdOf } from '../../src/domain/ids.js';
import { previewFires, type PreviewedFire } from '../../src/schedule/index.js';
import { readJob } from '../../src/store/job-reads.js';
import { testHandler } from '../support/handlers.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';

const DAY = 86_400_000;

const schedules = {
  'three nights a week, those of both changes among them': { frequency: '30 1 * * 0,2,4', timezone: 'Europe/Lisbon' },
  'weekly, but on holidays': {
    frequency: ['45 1 * * 0', '0 12 * * 3'],
    timezone: 'Australia/Lord_Howe',
    exclude: { calendars: ['days'] },
  },
  'moved and put off': {
    frequency: '30 2 * * 6',
    timezone: 'America/New_York',
    jitter: 'PT9H',
    exclude: { calendars: ['saturdays'], shift: 'next' },
  },
  'twice a month': { frequency: '0 9 1,15 * *' },
} as const;

/** From the pause up to and with its end, in epoch milliseconds, and what then became of the fires that had passed. */
interface Pause {
  from: number;
  to: number;
  catchUp: CatchUp;
}

/** Wherever a workflow continues as new, a year of fires, excluded days and pauses is in the ledger as it was shown. */
describe.each([1, 2, 3, 7])('when workflows continue as new after every %i turns', (turnsPerExecution) => {
  let time: TimeTravel;
  const ids: Record<string, string> = {};
  const pauses: Pause[] = [];

  beforeAll(async () => {
    time = await timeTravel({ handlers: [testHandler('work')], life: { turnsPerExecution } });
    const { scheduler } = time;
    await scheduler.putCalendar('days', { recurring: [{ easter: 0 }, { month: 4, weekday: 'WE', nth: 1 }] });
    await scheduler.putCalendar('saturdays', { weekdays: ['SA'] });
    for (const [name, when] of Object.entries(schedules)) {
      const job = SubmitJob.parse({ jobName: name, jobType: 'recurring', handler: 'work', ...when });
      ids[name] = await scheduler.submit(job);
    }
    const each = (act: (jobId: string) => Promise<unknown>) => Promise.all(Object.values(ids).map(act));
    const passes = async (days: number) => {
      await time.passes(`${days} days`);
      await scheduler.settleExcluded();
    };
    await passes(19);
    for (const [days, catchUp] of [
      [9, 'none'],
      [40, 'last'],
    ] as const) {
      const from = await time.now();
      await each((jobId) => scheduler.pause(jobId));
      await passes(days);
      const to = await time.now();
      await each((jobId) => scheduler.resume(jobId, { catchUp }));
      pauses.push({ from, to, catchUp });
      await passes(51);
    }
    const from = await time.now();
    const to = from + 11 * DAY;
    await each((jobId) => scheduler.pause(jobId, { until: to }));
    pauses.push({ from, to, catchUp: 'none' });
    await passes(196);
  }, 60_000);
  afterAll(() => time?.close());

  test.each(Object.keys(schedules))('the ledger is the preview, row for row, but for pauses: %s', async (name) => {
    const found = await readJob(time.scheduler.db, DEFAULT_PROJECT_ID, ids[name] ?? '');
    if (!found) throw new Error(`no job ${name}`);
    const { job } = found;
    const now = await time.now();
    const rows = await time.scheduler.ledger(job.id);
    const previewed = previewFires(scheduleOf(job), job.createdAt, { count: rows.length + 2, seed: job.id }).filter(
      ({ fireAt, runAt }) => (runAt ?? fireAt) <= now,
    );
    expect(rows.map(({ at, outcome, effectiveAt }) => ({ at, outcome, effectiveAt }))).toEqual(
      previewed.map((fire) => rowOf(fire, previewed)),
    );
    expect(rows.some(({ outcome }) => outcome === 'skipped_paused')).toBe(true);
    expect(rows.some(({ outcome }) => outcome === 'skipped_excluded')).toBe(name.includes('holidays'));
    const { historyLength } = await time.scheduler.client.workflow.getHandle(workflowIdOf(job.id)).describe();
    expect(historyLength).toBeLessThan(40 + 20 * turnsPerExecution);
  });

  /** What the ledger is to have of a fire that was shown. */
  function rowOf({ fireAt, runAt, isExcluded }: PreviewedFire, all: readonly PreviewedFire[]) {
    const at = new Date(fireAt).toISOString();
    if (runAt === null || isExcluded) return { at, outcome: 'skipped_excluded', effectiveAt: null };
    const pause = pauses.find(({ from, to }) => runAt > from && runAt <= to);
    const isLast =
      pause && !all.some((other) => other.runAt !== null && other.runAt > runAt && other.runAt <= pause.to);
    const ran = pause === undefined || (pause.catchUp === 'last' && isLast);
    return ran
      ? { at, outcome: 'completed', effectiveAt: runAt === fireAt ? null : new Date(runAt).toISOString() }
      : { at, outcome: 'skipped_paused', effectiveAt: null };
  }
});
