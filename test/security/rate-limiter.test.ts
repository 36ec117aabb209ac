import { expect, test } from '@jest/globals';
import { createRateLimiter, type RateLimiter } from '../../src/security/rate-limiter.js';
import { createSharedCounts, type SharedCounts } from '../../src/security/shared-counts.js';

const MINUTE_MS = 60_000;

/** What several limiters share, as the database keeps it. */
function counts() {
  const totals = new Map<string, number>();
  let asked = 0;
  const shared: SharedCounts = {
    async add(key, windowStart, count) {
      asked += 1;
      const total = (totals.get(`${key} ${windowStart}`) ?? 0) + count;
      totals.set(`${key} ${windowStart}`, total);
      return total;
    },
  };
  return { shared, asked: () => asked };
}

const limiterOf = (limit: number, now: () => number, options: { shared?: SharedCounts; maxKeys?: number } = {}) =>
  createRateLimiter({ name: 'test', limit, windowMs: MINUTE_MS }, { now, ...options });

async function allowedOf(limiter: RateLimiter, key: string, count: number): Promise<number> {
  const states = await Promise.all(Array.from({ length: count }, () => limiter.take(key)));
  return states.filter(({ isAllowed }) => isAllowed).length;
}

test('a key is let through as often as the limit says, and again when the window has moved on', async () => {
  let at = 10 * MINUTE_MS + 15_000;
  const limiter = limiterOf(3, () => at);
  expect(await allowedOf(limiter, 'a', 5)).toBe(3);
  expect(await limiter.take('a')).toMatchObject({ isAllowed: false, remaining: 0, resetMs: 45_000 });
  at += 44_999;
  expect((await limiter.take('a')).isAllowed).toBe(false);
  at += 1;
  expect(await limiter.take('a')).toMatchObject({ isAllowed: true, remaining: 2, resetMs: MINUTE_MS });
});

test('a key that has used up its limit takes nothing from another', async () => {
  const limiter = limiterOf(2, () => 0);
  expect(await allowedOf(limiter, 'a', 5)).toBe(2);
  expect(await allowedOf(limiter, 'b', 5)).toBe(2);
});

test('looking counts nothing', async () => {
  const limiter = limiterOf(1, () => 0);
  for (let times = 0; times < 5; times++) expect(limiter.look('a')).toMatchObject({ isAllowed: true, remaining: 1 });
  await limiter.take('a');
  expect(limiter.look('a')).toMatchObject({ isAllowed: false, remaining: 0 });
});

test('a small limit that is shared is exact, however its uses are spread', async () => {
  const { shared } = counts();
  const replicas = Array.from({ length: 3 }, () => limiterOf(10, () => 0, { shared }));
  const allowed = await Promise.all(replicas.map((replica) => allowedOf(replica, 'a', 10)));
  expect(allowed.reduce((sum, count) => sum + count)).toBe(10);
});

test('a large limit that is shared costs few queries, and is passed by a hundredth for each replica at most', async () => {
  const { shared, asked } = counts();
  const replicas = Array.from({ length: 3 }, () => limiterOf(1_000, () => 0, { shared }));
  let allowed = 0;
  for (let turn = 0; turn < 1_000; turn++) {
    for (const replica of replicas) if ((await replica.take('a')).isAllowed) allowed += 1;
  }
  expect(allowed).toBeGreaterThanOrEqual(1_000 - 3);
  expect(allowed).toBeLessThanOrEqual(1_000 + 3 * 10);
  expect(asked()).toBeLessThanOrEqual(110);
});

test('who is refused costs no query', async () => {
  const { shared, asked } = counts();
  const limiter = limiterOf(5, () => 0, { shared });
  await allowedOf(limiter, 'a', 5);
  const before = asked();
  expect(await allowedOf(limiter, 'a', 1_000)).toBe(0);
  expect(asked()).toBe(before);
});

test('however many keys there are, only so many are remembered', async () => {
  const limiter = limiterOf(1, () => 0, { maxKeys: 100 });
  await limiter.take('first');
  expect(limiter.look('first').isAllowed).toBe(false);
  for (let key = 0; key < 100; key++) await limiter.take(`another ${key}`);
  expect(limiter.look('first').isAllowed).toBe(true);
});

test.each(['fails', 'does not answer'])('while what is shared %s, each replica counts for itself', async (how) => {
  const errors: unknown[] = [];
  let asked = 0;
  const add = () => {
    asked += 1;
    return how === 'fails' ? Promise.reject(new Error('away')) : new Promise<never>(() => undefined);
  };
  const shared = createSharedCounts({ add, onError: (error) => errors.push(error), answerWithinMs: 10 });
  const limiter = limiterOf(5, () => 0, { shared });
  expect((await limiter.take('a')).isAllowed).toBe(true);
  expect(await allowedOf(limiter, 'a', 20)).toBe(4);
  // It is asked once and then left alone, and that is told once.
  expect([asked, errors.length]).toEqual([1, 1]);
});

test('what was counted while the others could not be told is told them later', async () => {
  const { shared } = counts();
  let isAway = true;
  const failing = createSharedCounts({
    add: (...given) => (isAway ? Promise.reject(new Error('away')) : shared.add(...given)),
    onError: () => undefined,
    restMs: 0,
  });
  const limiter = limiterOf(10, () => 0, { shared: failing });
  await allowedOf(limiter, 'a', 6);
  isAway = false;
  await limiter.take('a');
  expect(
    await allowedOf(
      limiterOf(10, () => 0, { shared }),
      'a',
      10,
    ),
  ).toBe(3);
});
