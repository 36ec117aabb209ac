import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { SubmitJob } from '../../src/contract/messages.js';
import { random as randomOf, type Random } from '../schedule/support/random.js';
import { testHandler } from '../support/handlers.js';
import { ledgerCheck, type LedgerCheck } from '../support/ledger-check.js';
import { HOUR, nextHour } from '../support/recurring-job.js';
import type { Scheduler } from '../support/scheduler.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';

/** Whatever is done to a job, in whatever order: its ledger has each fire once, and what it counts adds up. */

let time: TimeTravel;
let scheduler: Scheduler;
let underWay = 0;
let overlaps = 0;
/** How long the next run takes, in milliseconds. */
let takes = 0;

const work = testHandler('work', async () => {
  if (++underWay > 1) overlaps++;
  await new Promise((resolve) => void setImmediate(resolve));
  time.clock.advance(takes);
  takes = 0;
  underWay--;
});

beforeAll(async () => {
  time = await timeTravel({ handlers: [work], life: { turnsPerExecution: 3 } });
  scheduler = time.scheduler;
});
afterAll(() => time?.close());

const STEPS = 15;
const iso = (instant: number) => new Date(instant).toISOString();
/** Refused because of how the job stands: nothing may have changed, which the check after the step sees. */
const ifLegal = (command: Promise<unknown>) =>
  command.catch((error: { code?: string }) => {
    if (error.code !== 'conflict' && error.code !== 'validation_failed') throw error;
  });

function randomJob({ pick }: Random, calendar: string): SubmitJob {
  const policy = pick(['none', 'last', 'all'] as const);
  return {
    jobName: 'random',
    jobType: 'recurring',
    frequency: pick(['0 * * * *', '*/40 * * * *', 'every 3 hours']),
    handler: 'work',
    overlap: pick(['skip', 'buffer_one', 'buffer_all'] as const),
    catchUp: { policy, window: pick([HOUR, 5 * HOUR]) },
    exclude: { calendars: [calendar] },
    ...pick([{}, { jitter: HOUR / 2 }, { spread: HOUR / 2, jitter: HOUR / 4 }]),
  };
}

/** One thing that happens to a job. */
async function step(jobId: string, calendar: string, check: LedgerCheck, { pick, integer }: Random): Promise<string> {
  const hours = integer(1, 6);
  const now = await time.now();
  const what = pick([
    'pass',
    'pass',
    'pass',
    'long run',
    'outage',
    'pause',
    'pause',
    'resume',
    'resume',
    'trigger',
    'retry',
    'backfill',
    'update',
    'calendar',
  ] as const);
  switch (what) {
    case 'pass':
      await time.passes(`${hours * 47} minutes`);
      break;
    case 'long run':
      takes = hours * 50 * 60_000;
      await time.passes(`${hours} hours`);
      break;
    case 'outage':
      if ((await scheduler.job(jobId)).status === 'pending') await time.outage(`${hours + 24} hours`);
      break;
    case 'pause':
      await ifLegal(scheduler.pause(jobId, pick([{}, { until: now + hours * HOUR }])));
      break;
    case 'resume':
      await ifLegal(scheduler.resume(jobId, pick([{}, { catchUp: 'last' }, { catchUp: 'all' }] as const)));
      break;
    case 'trigger':
      await ifLegal(scheduler.trigger(jobId));
      break;
    case 'retry': {
      const rows = await scheduler.ledger(jobId);
      if (rows.length > 0) await ifLegal(scheduler.retry(jobId, pick(rows).runId));
      break;
    }
    case 'backfill':
      await ifLegal(scheduler.backfill(jobId, { from: iso(now - 2 * hours * HOUR), to: iso(now - integer(0, HOUR)) }));
      break;
    case 'update':
      await check.schedules(() =>
        scheduler.update(jobId, { frequency: pick(['15 * * * *', 'every 2 hours', '*/25 * * * *']) }),
      );
      break;
    case 'calendar': {
      const dates = [0, 1, 2].filter(() => integer(0, 1) === 0).map((day) => iso(now + day * 24 * HOUR).slice(0, 10));
      await check.schedules(() => scheduler.putCalendar(calendar, { dates }));
      break;
    }
  }
  return what;
}

test.each(Array.from({ length: 10 }, (_, index) => index + 1))(
  'sequence %i',
  async (seed) => {
    const random = randomOf(seed);
    const calendar = `random-${seed}`;
    await scheduler.putCalendar(calendar, { dates: [iso((await nextHour(time)) + 36 * HOUR).slice(0, 10)] });
    const jobId = await scheduler.submit(randomJob(random, calendar));
    const check = await ledgerCheck(time, jobId);
    const steps: string[] = [];
    for (let n = 0; n < STEPS; n += 1) {
      steps.push(await step(jobId, calendar, check, random));
      expect({ seed, steps, wrong: await check.wrong() }).toEqual({ seed, steps, wrong: [] });
    }
    if ((await scheduler.job(jobId)).status === 'paused') await scheduler.resume(jobId);
    await time.passes('6 hours');
    expect({ seed, steps, wrong: await check.wrong() }).toEqual({ seed, steps, wrong: [] });
    expect((await scheduler.ledger(jobId)).filter((row) => row.outcome === 'waiting')).toEqual([]);
    const ran = work.calls.filter((call) => call.jobId === jobId);
    expect(new Set(ran.map((call) => call.runId)).size).toBe(ran.length);
    expect(overlaps).toBe(0);
    // Not cancelled: the time-skipping server forgets an activity that is cancelled while a worker has it.
    await scheduler.pause(jobId);
  },
  30_000,
);
