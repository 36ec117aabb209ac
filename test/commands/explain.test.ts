import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { explainJob } from '../../src/commands/index.js';
import { beginAttempt, claimFire } from '../../src/store/claims.js';
import { noteAttempt } from '../../src/store/run-end.js';
import { insertSkips, type Skip } from '../../src/store/skips.js';
import { commandsBench, NEW_YEAR, type CommandsBench } from '../support/commands-bench.js';

/** Answers about fires that no row of their own tells of. Each of the codes is in test/api/explain-backfill-retry.test.ts. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let bench: CommandsBench;
beforeAll(async () => {
  bench = await commandsBench();
});
afterAll(() => bench?.close());
beforeEach(() => {
  bench.now = NEW_YEAR;
});

const explain = async (jobId: string, at: number) => {
  const { code, sentence } = await explainJob(bench.ports, bench.caller, jobId, at);
  return [code, sentence];
};

describe('inside rows that tell of long stretches', () => {
  const summary = (from: number, until: number, outcome: Skip['outcome'], reason: string): Skip => ({
    ...{ runId: uuidv7(), fireAt: NEW_YEAR + from, until: NEW_YEAR + until, count: 48, outcome, reason },
  });
  /** An hourly job of which the second and the fourth day are excluded, and all other fires were missed. */
  async function outage(isExcludedFirst: boolean): Promise<string> {
    await bench.putDates('days-off', ['2027-01-02', '2027-01-04']);
    const jobId = await bench.submit({ frequency: '0 * * * *', exclude: { calendars: ['days-off'] } });
    const missed = summary(HOUR, 5 * DAY, 'missed', 'Nothing could run it.');
    const excluded = summary(DAY, 4 * DAY - HOUR, 'skipped_excluded', 'Its day is excluded.');
    for (const skip of isExcludedFirst ? [excluded, missed] : [missed, excluded]) {
      await insertSkips(bench.db, jobId, [skip], NEW_YEAR);
    }
    bench.now = NEW_YEAR + 6 * DAY;
    return jobId;
  }

  test.each([true, false])('a fire is told by the row of its kind (the excluded one first: %s)', async (isFirst) => {
    const jobId = await outage(isFirst);
    // On the third day, which lies in both.
    const missed = ['did_not_run', 'It did not run: nothing could run it.'];
    expect(await explain(jobId, NEW_YEAR + 2 * DAY + 5 * HOUR)).toEqual(missed);
    const [code, sentence] = await explain(jobId, NEW_YEAR + DAY + 5 * HOUR);
    expect(code).toBe('excluded');
    expect(sentence).toContain('"days-off" excludes');
    await bench.putDates('days-off', ['2020-01-01']);
  });

  test('an instant at which there is no fire is none', async () => {
    const [code] = await explain(await outage(true), NEW_YEAR + 2 * DAY + 5 * HOUR + 30 * MINUTE);
    expect(code).toBe('no_fire');
  });
});

/** The terms of a job whose runs nothing holds back. */
const FREE = { concurrency: null, projectLimit: null, after: null };

describe('with maxRuns', () => {
  test('of one run, which is under way: no later fire runs', async () => {
    const jobId = await bench.submit({ frequency: '0 * * * *', maxRuns: 1 });
    const fire = { fireAt: NEW_YEAR + HOUR, runAt: NEW_YEAR + HOUR };
    bench.now = fire.runAt;
    const claim = { jobId, runId: uuidv7(), terms: FREE, scheduleGeneration: 1, fire, next: null };
    await claimFire(bench.db, claim, { node: 'node', at: bench.now });
    expect(await explain(jobId, fire.fireAt + HOUR)).toEqual([
      'no_more_runs',
      'The job ends before it, with its only run.',
    ]);
  });

  test('of more than a thousand runs: the fires are counted as far as that', async () => {
    const jobId = await bench.submit({ frequency: '* * * * *', maxRuns: 1_500 });
    const codeOf = async (fire: number) => (await explain(jobId, NEW_YEAR + fire * MINUTE))[0];
    const codes = [await codeOf(1_500), await codeOf(1_501), await codeOf(5_000)];
    expect(codes).toEqual(['will_run', 'no_more_runs', 'no_more_runs']);
  });
});

test('a run between two attempts says that another one follows, and during it that it is running', async () => {
  const jobId = await bench.submit({ frequency: '0 * * * *' });
  const fire = { fireAt: NEW_YEAR + HOUR, runAt: NEW_YEAR + HOUR };
  bench.now = fire.runAt;
  const runId = uuidv7();
  const by = { node: 'node', at: bench.now };
  await claimFire(bench.db, { jobId, runId, terms: FREE, scheduleGeneration: 1, fire, next: null }, by);
  const end = { outcome: 'failed', error: { code: 'busy', message: '' }, nextAt: bench.now + 1_000 } as const;
  await noteAttempt(bench.db, { jobId, runId, attempt: 1 }, end, bench.now);
  const between = 'Attempt 1 failed (busy), and another one follows.';
  expect(await explain(jobId, fire.fireAt)).toEqual(['under_way', between]);
  await beginAttempt(bench.db, { jobId, runId, attemptsBefore: 1, terms: FREE, isAdmitted: false }, by);
  expect(await explain(jobId, fire.fireAt)).toEqual(['under_way', 'It is running: attempt 2 on node.']);
});
