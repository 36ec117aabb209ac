import { describe, expect, test } from '@jest/globals';
import { MAX_PARALLEL_RUNS, type OpenRun } from '../../src/domain/run.js';
import { wishOf, type WishFields } from '../../src/store/wish-of.js';

const job: WishFields = {
  ...{ generation: 1, status: 'pending', statusNumber: 1, next: null, pauseUntil: null },
  ...{ priority: 'medium', weight: 1, pool: 'default', timeoutMs: 1_000, overlap: 'skip' },
};
const openRuns = (count: number, isParallel: boolean): OpenRun[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ id: `run ${index}`, trigger: 'backfill', isRunning: false, isParallel },
  }));
const idsOf = (runs: readonly OpenRun[]) => runs.map((run) => run.id);

describe('of the runs that go beside each other', () => {
  test('a wish names the first twenty', () => {
    const runs = openRuns(MAX_PARALLEL_RUNS + 5, true);
    expect(MAX_PARALLEL_RUNS).toBe(20);
    expect(wishOf(job, runs).parallel).toEqual(idsOf(runs.slice(0, 20)));
  });

  test('none is named among those that wait for their turn', () => {
    const wish = wishOf(job, openRuns(3, true));
    expect([wish.openRuns, wish.backfill]).toEqual([[], undefined]);
  });
});
