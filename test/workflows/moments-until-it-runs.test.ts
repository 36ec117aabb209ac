import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import type { Scheduler } from '../support/scheduler.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';
import { HOUR, hourly, jobsWithDoors } from './moments-support.js';

/**
 * What a user does at each moment until a job runs, beside the twin of the job that is left alone. The moments after
 * that are in moments-once-it-runs.test.ts.
 */

let time: TimeTravel;
let scheduler: Scheduler;
const { work, given, outcomes, status, becomes } = jobsWithDoors(() => time);
/** How many handlers run at once on the node under test. */
const PLACES = 3;

beforeAll(async () => {
  time = await timeTravel({ handlers: [work], places: PLACES });
  scheduler = time.scheduler;
});
afterAll(() => time?.close());

describe('before its time', () => {
  test('a paused job does not run when its time comes, and its twin does', async () => {
    const paused = await given();
    const twin = await given();
    twin.door.open();
    await scheduler.pause(paused.jobId);
    await time.passes('2 hours');
    expect(await outcomes(paused.jobId)).toEqual([]);
    expect(await outcomes(twin.jobId)).toEqual(['completed']);
    expect(await status(paused.jobId)).toBe('paused');
  });

  test('a one-time job whose time passed while it was paused runs as soon as it is resumed', async () => {
    const { jobId, door } = await given();
    door.open();
    await scheduler.pause(jobId);
    await time.passes('2 hours');
    expect(await scheduler.resume(jobId)).toEqual({ fires: 1, caughtUp: 1 });
    await becomes(jobId, 'completed');
    expect(await outcomes(jobId)).toEqual(['completed']);
  });

  test('a job resumed before its time runs at its time', async () => {
    const { jobId, door, dueAt } = await given();
    door.open();
    await scheduler.pause(jobId);
    await time.passes('10 minutes');
    expect(await scheduler.resume(jobId)).toEqual({ fires: 0, caughtUp: 0 });
    await time.passes('1 hours');
    expect(await scheduler.ledger(jobId)).toEqual([
      expect.objectContaining({ at: new Date(dueAt).toISOString(), outcome: 'completed' }),
    ]);
  });

  test('an updated job runs at its new time with its new payload, and not at the old one', async () => {
    const { jobId, dueAt } = await given();
    const later = new Date(dueAt + 5 * HOUR).toISOString();
    await scheduler.update(jobId, { executionTime: later, payload: { changed: true } });
    await time.passes('2 hours');
    expect(await outcomes(jobId)).toEqual([]);
    await time.passes('5 hours');
    expect(await scheduler.ledger(jobId)).toEqual([
      expect.objectContaining({ at: later, outcome: 'completed', result: { changed: true } }),
    ]);
  });

  test('a job that is brought forward runs at the earlier time', async () => {
    const { jobId, dueAt, door } = await given();
    door.open();
    const earlier = new Date(dueAt - HOUR / 2).toISOString();
    await scheduler.update(jobId, { executionTime: earlier });
    await time.passes('40 minutes');
    expect(await scheduler.ledger(jobId)).toEqual([expect.objectContaining({ at: earlier, outcome: 'completed' })]);
  });

  test('a cancelled job never runs', async () => {
    const { jobId } = await given();
    await scheduler.cancel(jobId);
    await time.passes('2 hours');
    expect(await outcomes(jobId)).toEqual([]);
    expect(await status(jobId)).toBe('cancelled');
  });
});

describe('at its time, when a worker holds the run already', () => {
  test('a pause that was answered keeps the run from beginning', async () => {
    const { jobId, door } = await given(hourly);
    door.open();
    const hold = time.clock.holdNext();
    const passing = time.passes('61 minutes').catch(() => undefined);
    await hold.reached;
    await scheduler.pause(jobId);
    hold.open();
    await passing;
    await becomes(jobId, 'paused');
    expect(await outcomes(jobId)).toEqual([]);
    await time.passes('1 hours');
    await scheduler.resume(jobId);
    expect(await outcomes(jobId)).toEqual(['skipped_paused', 'skipped_paused']);
    await scheduler.cancel(jobId);
  });

  test('its twin that is left alone begins', async () => {
    const { jobId, door } = await given(hourly);
    door.open();
    const hold = time.clock.holdNext();
    const passing = time.passes('61 minutes');
    await hold.reached;
    hold.open();
    await passing;
    expect(await outcomes(jobId)).toEqual(['completed']);
    await scheduler.cancel(jobId);
  });

  test('a pause and a resume in the same moment lose nothing', async () => {
    const { jobId, door } = await given();
    door.open();
    const hold = time.clock.holdNext();
    const passing = time.passes('61 minutes');
    await hold.reached;
    await scheduler.pause(jobId);
    await scheduler.resume(jobId);
    hold.open();
    await passing;
    await becomes(jobId, 'completed');
    expect(await outcomes(jobId)).toEqual(['completed']);
  });

  test('an update to another time keeps the run of the old time from beginning', async () => {
    const { jobId, door, dueAt } = await given();
    door.open();
    const hold = time.clock.holdNext();
    const passing = time.passes('61 minutes');
    await hold.reached;
    const later = new Date(dueAt + 2 * HOUR).toISOString();
    await scheduler.update(jobId, { executionTime: later });
    hold.open();
    await passing;
    await time.passes('3 hours');
    expect(await scheduler.ledger(jobId)).toEqual([expect.objectContaining({ at: later, outcome: 'completed' })]);
  });

  test('an update of the payload alone reaches the run that is about to begin', async () => {
    const { jobId } = await given();
    const hold = time.clock.holdNext();
    const passing = time.passes('61 minutes');
    await hold.reached;
    await scheduler.update(jobId, { payload: { changed: true } });
    hold.open();
    await passing;
    expect(await scheduler.ledger(jobId)).toEqual([
      expect.objectContaining({ outcome: 'completed', result: { changed: true } }),
    ]);
  });
});

describe('at its time, when the node has no place for the run', () => {
  /** Jobs that take all places, and an hourly one that is due two seconds after them. */
  async function givenABusyNode() {
    const busy = await Promise.all(Array.from({ length: PLACES }, () => given()));
    const executionTime = new Date((await time.now()) + HOUR + 2_000).toISOString();
    const { jobId, door } = await given({ ...hourly, executionTime });
    door.open();
    return { busy, jobId };
  }

  test('a pause and a resume meanwhile skip its fire, as the answer to the resume said', async () => {
    const { busy, jobId } = await givenABusyNode();
    const passing = time.passes('61 minutes');
    await Promise.all(busy.map((job) => job.door.reached));
    await eventually(() => expect(scheduler.waitingForAPlace()).toBe(1));
    await scheduler.pause(jobId);
    expect(await scheduler.resume(jobId)).toEqual({ fires: 1, caughtUp: 0 });
    for (const job of busy) job.door.open();
    await passing;
    await time.passes('1 hours');
    expect(await outcomes(jobId)).toEqual(['skipped_paused', 'completed']);
    await scheduler.cancel(jobId);
  });

  test('its twin that is left alone runs when a place is free', async () => {
    const { busy, jobId } = await givenABusyNode();
    const passing = time.passes('61 minutes');
    await Promise.all(busy.map((job) => job.door.reached));
    await eventually(() => expect(scheduler.waitingForAPlace()).toBe(1));
    for (const job of busy) job.door.open();
    await passing;
    expect(await outcomes(jobId)).toEqual(['completed']);
    await scheduler.cancel(jobId);
  });
});

describe('a pause with an end', () => {
  test('that is put off ends when the new time has come, not the old one', async () => {
    const { jobId, door, dueAt } = await given(hourly);
    door.open();
    await scheduler.pause(jobId, { until: dueAt + HOUR / 2 });
    await scheduler.allDispatched();
    await scheduler.pause(jobId, { until: dueAt + 2.5 * HOUR });
    await time.passes('2 hours');
    expect(await status(jobId)).toBe('paused');
    await time.passes('2 hours');
    expect((await outcomes(jobId)).slice(0, 4)).toEqual([
      'skipped_paused',
      'skipped_paused',
      'skipped_paused',
      'completed',
    ]);
    await scheduler.cancel(jobId);
  });

  test('a signal of the old end that comes late leaves the new pause as it is', async () => {
    const { jobId, dueAt } = await given(hourly);
    const old = dueAt + HOUR / 2;
    await scheduler.pause(jobId, { until: dueAt + 2 * HOUR });
    await scheduler.endOfPause(jobId, old);
    expect(await status(jobId)).toBe('paused');
    await scheduler.endOfPause(jobId, dueAt + 2 * HOUR);
    expect(await status(jobId)).toBe('pending');
    await scheduler.cancel(jobId);
  });
});

describe('a resume that catches up', () => {
  test('all: every fire that passed runs, in order, and then the schedule goes on', async () => {
    const { jobId, door } = await given(hourly);
    door.open();
    await scheduler.pause(jobId);
    await time.passes('3 hours');
    const { fires, caughtUp } = await scheduler.resume(jobId, { catchUp: 'all' });
    expect([fires, caughtUp]).toEqual([3, 3]);
    await time.passes('1 hours');
    expect(await outcomes(jobId)).toEqual(['completed', 'completed', 'completed', 'completed']);
    await scheduler.cancel(jobId);
  });

  test('none, for a one-time job whose time has passed: it never runs, and is cancelled', async () => {
    const { jobId } = await given();
    await scheduler.pause(jobId);
    await time.passes('2 hours');
    await scheduler.resume(jobId, { catchUp: 'none' });
    expect(await status(jobId)).toBe('cancelled');
    expect(await outcomes(jobId)).toEqual(['skipped_paused']);
  });
});

describe('by hand', () => {
  test('a paused job runs when it is triggered, and its schedule stays where it was', async () => {
    const { jobId, door, dueAt } = await given(hourly);
    door.open();
    await scheduler.pause(jobId);
    const runId = await scheduler.trigger(jobId);
    await eventually(async () =>
      expect(await scheduler.ledger(jobId)).toEqual([
        expect.objectContaining({ runId, trigger: 'manual', outcome: 'completed' }),
      ]),
    );
    expect(await scheduler.job(jobId)).toMatchObject({ status: 'paused', next: { fireAt: dueAt, runAt: dueAt } });
    await scheduler.cancel(jobId);
  });

  test('a pause with an end is over when its time has come', async () => {
    const { jobId, door, dueAt } = await given(hourly);
    door.open();
    await scheduler.pause(jobId, { until: dueAt + 90 * 60_000 });
    await time.passes('4 hours');
    expect((await outcomes(jobId)).slice(0, 3)).toEqual(['skipped_paused', 'skipped_paused', 'completed']);
    await scheduler.cancel(jobId);
  });
});
