import { expect, test } from '@jest/globals';
import { startDatabaseClock } from '../../src/platform/clock.js';

const local = () => performance.timeOrigin + performance.now();
const never = new AbortController().signal;

test('the clock goes by the database’s time, and is never ahead of it', async () => {
  const ahead = 3_600_000;
  const database = () => local() + ahead;
  const clock = await startDatabaseClock(
    async () => database(),
    () => undefined,
  );
  for (let sample = 0; sample < 1_000; sample++) expect(clock.now()).toBeLessThanOrEqual(database());
  expect(clock.now()).toBeGreaterThan(database() - 1_000);
  clock.stop();
});

test('an answer that was long under way makes the clock late, not early', async () => {
  const clock = await startDatabaseClock(
    async () => {
      const read = local();
      while (local() < read + 5);
      return read;
    },
    () => undefined,
  );
  expect(clock.now()).toBeLessThanOrEqual(local());
  clock.stop();
});

test('waiting for an instant never ends before it', async () => {
  const clock = await startDatabaseClock(
    async () => local() - 5_000,
    () => undefined,
  );
  for (let wait = 0; wait < 5; wait++) {
    const instant = clock.now() + 7.5;
    await clock.waitUntil(instant, never);
    expect(clock.now()).toBeGreaterThanOrEqual(instant);
  }
  clock.stop();
});

test('a wait is over at once when its signal aborts, with the signal’s reason', async () => {
  const clock = await startDatabaseClock(
    async () => local(),
    () => undefined,
  );
  const stop = new AbortController();
  const waiting = clock.waitUntil(clock.now() + 3 * 2 ** 31, stop.signal);
  stop.abort(new Error('stop'));
  await expect(waiting).rejects.toThrow('stop');
  clock.stop();
});
