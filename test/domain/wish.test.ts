import { expect, test } from '@jest/globals';
import { newerWish, type Wish } from '../../src/domain/wish.js';

const wish = (generation: number, nextFire: number): Wish => ({
  generation,
  status: 'pending',
  nextFire,
  openRuns: [],
  priorityKey: 3,
  pool: 'default',
  timeoutMs: 1_000,
});

test('the wish of a higher generation wins, in whichever order they arrive', () => {
  expect(newerWish(wish(1, 10), wish(2, 20))).toEqual(wish(2, 20));
  expect(newerWish(wish(2, 20), wish(1, 10))).toEqual(wish(2, 20));
});

test('of the same generation what is held stays: what is told was read earlier', () => {
  expect(newerWish(wish(2, 30), wish(2, 20))).toEqual(wish(2, 30));
});
