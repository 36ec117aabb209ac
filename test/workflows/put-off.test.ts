import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import type { SubmitJob } from '../../src/contract/messages.js';
import { scheduleOf } from '../../src/commands/index.js';
import { effectiveTime } from '../../src/schedule/index.js';
import { testHandler } from '../support/handlers.js';
import { HOUR, hourlyJob, MINUTE, type RecurringJob } from '../support/recurring-job.js';
import type { Scheduler } from '../support/scheduler.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';

/** Jitter and spread: the run of a fire begins later than its nominal time, and the ledger has both. */

let time: TimeTravel;
let scheduler: Scheduler;
const work = testHandler('work');

beforeAll(async () => {
  // Continues as new after each turn: nothing that it knows of a fire may get lost by that.
  time = await timeTravel({ handlers: [work], life: { turnsPerExecution: 1 } });
  scheduler = time.scheduler;
});
afterAll(() => time?.close());

const putOff: Partial<SubmitJob> = { jitter: 20 * MINUTE, spread: 30 * MINUTE };

/** When the runs of the job's ledger began to be due, and when its schedule says so. */
async function effectiveTimes(job: RecurringJob): Promise<{ written: (string | null)[]; expected: string[] }> {
  const schedule = scheduleOf(await scheduler.job(job.jobId));
  const rows = await job.rows();
  return {
    written: rows.map((row) => row.effectiveAt),
    expected: rows.map((row) => new Date(effectiveTime(schedule, Date.parse(row.at), job.jobId)).toISOString()),
  };
}

/** Goes to the moment so many milliseconds after an instant. */
async function goTo(instant: number): Promise<void> {
  await time.passes(`${Math.ceil((instant - (await time.now())) / 1_000)} seconds`);
}

describe('a job with jitter and spread', () => {
  test('begins its runs at the times that effectiveTime says, and keeps the nominal ones', async () => {
    const job = await hourlyJob(time, putOff);
    await time.passes('6 hours');
    const { written, expected } = await effectiveTimes(job);
    expect(written.length).toBeGreaterThanOrEqual(5);
    expect(written).toEqual(expected);
    expect((await job.ledger()).slice(0, 5)).toEqual([1, 2, 3, 4, 5].map((at) => `${at} completed`));
    const started = await scheduler.db.query<{ started_at: Date; effective_at: Date }>(
      sql`select started_at, effective_at from runs where job_id = ${job.jobId}`,
    );
    for (const run of started) expect(run.started_at.getTime()).toBeGreaterThanOrEqual(run.effective_at.getTime());
    await job.end();
  });

  test('has other offsets for other fires by jitter, and the same one for all by spread', async () => {
    const jitter = await hourlyJob(time, { jitter: 20 * MINUTE });
    const spread = await hourlyJob(time, { spread: 20 * MINUTE });
    await time.passes('5 hours');
    const offsets = async (job: RecurringJob) =>
      (await job.rows()).map((row) => Date.parse(row.effectiveAt ?? row.at) - Date.parse(row.at));
    expect(new Set((await offsets(jitter)).slice(0, 4)).size).toBe(4);
    expect(new Set(await offsets(spread)).size).toBe(1);
    await jitter.end();
    await spread.end();
  });

  test('keeps the time of its next fire over an update of the payload', async () => {
    const job = await hourlyJob(time, putOff);
    const { next } = await scheduler.job(job.jobId);
    await goTo(job.firstFire + 1_000);
    await scheduler.update(job.jobId, { payload: { changed: true } });
    expect((await scheduler.job(job.jobId)).next).toEqual(next);
    await time.passes('2 hours');
    const { written, expected } = await effectiveTimes(job);
    expect(written).toEqual(expected);
    expect((await job.rows())[0]).toMatchObject({ outcome: 'completed', result: { changed: true } });
    await job.end();
  });
});

describe('between a nominal and an effective time', () => {
  async function inBetween(given: Partial<SubmitJob> = putOff): Promise<{ job: RecurringJob; runAt: number }> {
    const job = await hourlyJob(time, given);
    const runAt = (await scheduler.job(job.jobId)).next?.runAt ?? 0;
    await goTo(job.firstFire + 1_000);
    expect(await time.now()).toBeLessThan(runAt);
    expect(await job.ledger()).toEqual([]);
    return { job, runAt };
  }

  test('a pause that is over before the effective time costs nothing', async () => {
    const { job, runAt } = await inBetween();
    await scheduler.pause(job.jobId);
    expect(await scheduler.resume(job.jobId)).toEqual({ fires: 0, caughtUp: 0 });
    await goTo(runAt + MINUTE);
    expect(await job.ledger()).toEqual(['1 completed']);
    await job.end();
  });

  test('a pause that is over after it has skipped the fire', async () => {
    const { job, runAt } = await inBetween();
    await scheduler.pause(job.jobId);
    await goTo(runAt + 1_000);
    expect(await scheduler.resume(job.jobId)).toEqual({ fires: 1, caughtUp: 0 });
    expect(await job.ledger()).toEqual(['1 skipped_paused']);
    await job.end();
  });

  test('an update of the schedule that names the fire, too, keeps it', async () => {
    const { job, runAt } = await inBetween();
    await scheduler.update(job.jobId, { endAt: job.hour(3) });
    await goTo(runAt + MINUTE);
    expect(await job.ledger()).toEqual(['1 completed']);
    await job.end();
  });

  test('an update to another schedule gives the fire up, with its row', async () => {
    const { job, runAt } = await inBetween();
    await scheduler.update(job.jobId, { frequency: '@yearly' });
    await goTo(runAt + MINUTE);
    expect(await job.ledger()).toEqual(['1 missed']);
    expect((await job.rows())[0]?.reason).toBe('The job was updated before this run could begin.');
    await job.end();
  });
});

test('200 jobs of the same minute with a spread of a minute do not begin in the same second', async () => {
  const frequency = '0 3 * * *';
  const jobIds: string[] = [];
  for (let n = 0; n < 200; n += 1) {
    const job = { jobName: 'nightly', jobType: 'recurring', frequency, handler: 'work', spread: MINUTE } as const;
    jobIds.push(await scheduler.submit(job));
  }
  const jobs = await Promise.all(jobIds.map((jobId) => scheduler.job(jobId)));
  const perSecond = new Map<number, number>();
  for (const { next } of jobs) {
    expect((next?.fireAt ?? 0) % (24 * HOUR)).toBe(3 * HOUR);
    const second = Math.floor(((next?.runAt ?? 0) - (next?.fireAt ?? 0)) / 1_000);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  // 200 balls in 60 boxes leave 58 of them filled, on average; the fullest then holds 8 or so.
  expect(perSecond.size).toBeGreaterThanOrEqual(50);
  expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(14);
  await time.passes('1 days');
  const runs = await scheduler.db.query<{ second: Date }>(
    sql`select date_trunc('second', effective_at) as second from runs where job_id = any(${jobIds}::uuid[])`,
  );
  expect(runs).toHaveLength(200);
  expect(new Set(runs.map((run) => run.second.getTime())).size).toBe(perSecond.size);
}, 60_000);
