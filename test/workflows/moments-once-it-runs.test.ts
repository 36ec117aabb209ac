import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Scheduler } from '../support/scheduler.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';
import { hourly, jobsWithDoors } from './moments-support.js';

/**
 * What a user does while a job runs and after its end, beside the twin of the job that is left alone. Cancelling what a
 * worker has taken already is in real-server.test.ts: the time-skipping server does not tell a worker of it.
 */

let time: TimeTravel;
let scheduler: Scheduler;
const { work, given, outcomes, status } = jobsWithDoors(() => time);

beforeAll(async () => {
  time = await timeTravel({ handlers: [work] });
  scheduler = time.scheduler;
});
afterAll(() => time?.close());

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
