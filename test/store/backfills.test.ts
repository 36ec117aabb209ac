import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { v7 as uuidv7 } from 'uuid';
import { backfillJob } from '../../src/commands/index.js';
import type { SkipOutcome } from '../../src/domain/run.js';
import { takeOutOfSummaries } from '../../src/store/backfills.js';
import { insertSkips, type Skip } from '../../src/store/skips.js';
import { commandsBench, NEW_YEAR, type CommandsBench } from '../support/commands-bench.js';

let bench: CommandsBench;
beforeAll(async () => {
  bench = await commandsBench();
});
afterAll(() => bench?.close());

const SECOND = 1_000;
const HOUR = 3_600_000;
/** Where a row stops counting. */
const COUNTED_TO = 10_000;

describe('a row that tells of a long stretch, of which fires are taken out', () => {
  const stretch = (count: number, outcome: SkipOutcome): Skip => ({
    runId: uuidv7(),
    fireAt: NEW_YEAR,
    until: NEW_YEAR + (count - 1) * SECOND,
    count,
    outcome,
    reason: 'The job was paused.',
  });
  const fires = (count: number) => Array.from({ length: count }, (_, n) => NEW_YEAR + n * SECOND);
  /** The counts and reasons of a job's rows once so many fires were taken out of that one. */
  const after = async (skip: Skip, taken: number) => {
    const jobId = await bench.submit({ frequency: 'every second' });
    await insertSkips(bench.db, jobId, [skip], NEW_YEAR);
    await takeOutOfSummaries(bench.db, jobId, fires(taken), COUNTED_TO);
    const rows = await bench.db.query<{ count: number; reason: string }>(
      sql`select fire_count as count, reason from runs where job_id = ${jobId}`,
    );
    return rows.map(({ count, reason }) => [count, reason]);
  };

  test('counts fewer, and is gone when it counts none', async () => {
    const skip = stretch(COUNTED_TO - 1, 'skipped_paused');
    expect(await after(skip, 300)).toEqual([[9_699, 'The job was paused. A backfill took 300 of them out.']]);
    expect(await after({ ...skip, runId: uuidv7() }, COUNTED_TO - 1)).toEqual([]);
  });

  test('stays when it stopped counting, as it tells of more', async () => {
    const rows = await after(stretch(COUNTED_TO, 'skipped_paused'), COUNTED_TO);
    expect(rows).toEqual([[COUNTED_TO, expect.stringContaining('took 10000 of them out')]]);
  });

  test('is left as it is when it tells of excluded fires', async () => {
    expect(await after(stretch(200, 'skipped_excluded'), 200)).toEqual([[200, 'The job was paused.']]);
  });
});

describe('the event of a backfill', () => {
  /** Fills so many hours before the new year of an hourly job; the last of them has a row, if that says so. */
  async function filled(hours: number, skipped?: Skip): Promise<{ told: (string | null)[]; rows: string[] }> {
    const jobId = await bench.submit({ frequency: '0 * * * *' });
    if (skipped) await insertSkips(bench.db, jobId, [skipped], NEW_YEAR);
    const range = { from: NEW_YEAR - hours * HOUR, to: NEW_YEAR - HOUR };
    await backfillJob(bench.ports, bench.caller, jobId, { ...range, overlap: 'buffer_all', dryRun: false });
    const told = await bench.db.query<{ run_id: string | null }>(
      sql`select run_id from events where job_id = ${jobId} and type = 'job.backfilled'`,
    );
    const rows = await bench.db.query<{ id: string }>(
      sql`select id from runs where job_id = ${jobId} and outcome = 'waiting'`,
    );
    return { told: told.map((event) => event.run_id), rows: rows.map((row) => row.id) };
  }

  test('of one fire that was skipped names its row, which it got then', async () => {
    const runId = uuidv7();
    const skip = { runId, fireAt: NEW_YEAR - HOUR, outcome: 'missed', reason: 'Nothing could run it.' } as const;
    expect(await filled(1, skip)).toEqual({ told: [runId], rows: [runId] });
  });

  test('of one fire that had no row names its new one, and of several none', async () => {
    const { told, rows } = await filled(1);
    expect(told).toEqual(rows);
    expect((await filled(3)).told).toEqual([null]);
  });
});
