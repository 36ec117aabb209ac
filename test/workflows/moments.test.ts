import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SubmitJob } from '../../src/contract/messages.js';
import { gate, testHandler, type Gate } from '../support/handlers.js';
import { eventually } from '../support/eventually.js';
import type { Scheduler } from '../support/scheduler.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';

/**
 * What a user does at each moment of a job's life, beside the twin of the job that is left alone. Cancelling what a
 * worker has taken already is in real-server.test.ts: the time-skipping server does not tell a worker of it.
 */

let time: TimeTravel;
let scheduler: Scheduler;
let doors: Map<string, Gate>;

/** Waits at the door that the job's payload names, if the test put one there. */
const work = testHandler('work', async ({ signal }, payload) => {
  const door = doors.get((payload as { door?: string }).door ?? '');
  await door?.wait(signal);
  return payload;
});

beforeAll(async () => {
  time = await timeTravel({ handlers: [work], places: PLACES });
  scheduler = time.scheduler;
});
afterAll(() => time?.close());
beforeEach(() => {
  doors = new Map();
});

const HOUR = 3_600_000;
/** How many handlers run at once on the node under test. */
const PLACES = 3;

async function given(job: Partial<SubmitJob> = {}): Promise<{ jobId: string; door: Gate; dueAt: number }> {
  const dueAt = (await time.now()) + HOUR;
  const door = gate();
  const name = `door-${doors.size}-${dueAt}`;
  doors.set(name, door);
  const jobId = await scheduler.submit({
    jobName: 'a job',
    jobType: 'one-time',
    executionTime: new Date(dueAt).toISOString(),
    handler: 'work',
    payload: { door: name },
    ...job,
  });
  return { jobId, door, dueAt };
}

const hourly: Partial<SubmitJob> = { jobType: 'recurring', frequency: 'every 1 hour' };
const outcomes = async (jobId: string) => (await scheduler.ledger(jobId)).map((row) => row.outcome);
const status = async (jobId: string) => (await scheduler.job(jobId)).status;
const becomes = (jobId: string, wanted: string) => eventually(async () => expect(await status(jobId)).toBe(wanted));

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

describe('while it runs', () => {
  test('a pause lets the run finish and keeps the next one from beginning', async () => {
    const { jobId, door } = await given(hourly);
    const passing = time.passes('61 minutes');
    await door.reached;
    await scheduler.pause(jobId);
    expect(await status(jobId)).toBe('paused');
    door.open();
    await passing;
    await time.passes('3 hours');
    expect(await outcomes(jobId)).toEqual(['completed']);
    expect(await status(jobId)).toBe('paused');
    await scheduler.cancel(jobId);
  });

  test('its twin that is left alone goes on every hour', async () => {
    const { jobId, door } = await given(hourly);
    door.open();
    await time.passes('61 minutes');
    await time.passes('3 hours');
    expect(await outcomes(jobId)).toEqual(['completed', 'completed', 'completed', 'completed']);
    await scheduler.cancel(jobId);
  });

  test('a job paused and resumed while it runs goes on', async () => {
    const { jobId, door } = await given(hourly);
    const passing = time.passes('61 minutes');
    await door.reached;
    await scheduler.pause(jobId);
    await scheduler.resume(jobId);
    expect(await status(jobId)).toBe('running');
    door.open();
    await passing;
    await time.passes('1 hours');
    expect(await outcomes(jobId)).toEqual(['completed', 'completed']);
    await scheduler.cancel(jobId);
  });

  test('an update counts from the next fire on, and the run under way keeps what it began with', async () => {
    const { jobId, door } = await given(hourly);
    const passing = time.passes('61 minutes');
    await door.reached;
    await scheduler.update(jobId, { payload: { changed: true } });
    door.open();
    await passing;
    await time.passes('1 hours');
    const [first, second] = await scheduler.ledger(jobId);
    expect(first?.result).toHaveProperty('door');
    expect(second?.result).toEqual({ changed: true });
    await scheduler.cancel(jobId);
  });

  test('a one-time job that runs can be cancelled, but neither paused nor changed', async () => {
    const { jobId, door } = await given();
    const passing = time.passes('61 minutes');
    await door.reached;
    await expect(scheduler.pause(jobId)).rejects.toMatchObject({ code: 'conflict' });
    await expect(scheduler.update(jobId, { priority: 'high' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(scheduler.trigger(jobId)).rejects.toMatchObject({ code: 'conflict' });
    door.open();
    await passing;
    expect(await outcomes(jobId)).toEqual(['completed']);
  });
});

describe('after its end', () => {
  test('a completed job can be neither paused, resumed, changed, cancelled nor triggered', async () => {
    const { jobId, door } = await given();
    door.open();
    await time.passes('61 minutes');
    expect(await status(jobId)).toBe('completed');
    const before = await scheduler.job(jobId);
    for (const refused of [
      scheduler.pause(jobId),
      scheduler.resume(jobId),
      scheduler.update(jobId, { priority: 'high' }),
      scheduler.cancel(jobId),
      scheduler.trigger(jobId),
    ]) {
      await expect(refused).rejects.toMatchObject({ code: 'conflict' });
    }
    expect(await scheduler.job(jobId)).toEqual(before);
  });

  test('cancelling a cancelled job again changes nothing', async () => {
    const { jobId } = await given();
    await scheduler.cancel(jobId);
    const before = await scheduler.job(jobId);
    await scheduler.cancel(jobId);
    expect(await scheduler.job(jobId)).toEqual(before);
  });

  test('between two runs a job can be paused, changed, resumed and cancelled', async () => {
    const { jobId, door } = await given(hourly);
    door.open();
    await time.passes('61 minutes');
    await scheduler.pause(jobId);
    await scheduler.update(jobId, { frequency: 'every 2 hours' });
    await scheduler.resume(jobId);
    await time.passes('4 hours');
    expect(await outcomes(jobId)).toEqual(['completed', 'completed', 'completed']);
    await scheduler.cancel(jobId);
    await time.passes('4 hours');
    expect(await outcomes(jobId)).toHaveLength(3);
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
