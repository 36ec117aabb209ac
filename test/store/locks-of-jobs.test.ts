import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { settleExcludedFires } from '../../src/commands/index.js';
import {
  endAbandonedRuns,
  markDispatched,
  redispatch,
  releaseDispatches,
  type Undispatched,
} from '../../src/store/dispatches.js';
import { commandsBench, NEW_YEAR, type CommandsBench } from '../support/commands-bench.js';
import { oneInTheOther } from '../support/held-transaction.js';

let bench: CommandsBench;
beforeAll(async () => {
  bench = await commandsBench();
});
afterAll(() => bench?.close());

const DAY = 86_400_000;
const PAST = '2020-01-01';
let calendars = 0;

/** Jobs that exclude one calendar, in the order of their ids. */
async function jobsOfACalendar(count: number): Promise<{ name: string; jobIds: string[] }> {
  const name = `calendar-${++calendars}`;
  await bench.putDates(name, [PAST]);
  const jobIds: string[] = [];
  for (let n = 0; n < count; n++) jobIds.push(await bench.submit({ exclude: { calendars: [name] } }));
  return { name, jobIds: jobIds.toSorted() };
}

/** The jobs as a dispatcher has taken them. */
const taken = (jobIds: string[]) =>
  jobIds.map((jobId) => ({ jobId, wish: { generation: 1 } }) as Partial<Undispatched> as Undispatched);

const statements = {
  markDispatched: (jobIds: string[]) => markDispatched(bench.db, taken(jobIds), bench.now),
  releaseDispatches: (jobIds: string[]) => releaseDispatches(bench.db, jobIds, bench.now),
  redispatch: (jobIds: string[]) => redispatch(bench.db, jobIds, bench.now),
  endAbandonedRuns: (jobIds: string[]) => endAbandonedRuns(bench.db, jobIds, bench.now),
};

describe('the change of a calendar, which locks its jobs one by one,', () => {
  test.each(Object.entries(statements))(
    'and %s, which locks several at once, both go through',
    async (_, statement) => {
      const { name, jobIds } = await jobsOfACalendar(4);
      // Laid out in the table against the order of their ids, as changes leave them.
      for (const jobId of jobIds.toReversed()) {
        await bench.db.query(sql`update jobs set observed_generation = generation where id = ${jobId}`);
      }
      if (statement === statements.endAbandonedRuns) {
        await bench.db.query(sql`update jobs set status = 'cancelled' where id = ${jobIds.at(-1)}`);
      }
      // Held when it has locked the first of them.
      const { waited } = await oneInTheOther(
        bench.db,
        (db) => bench.putDates(name, ['2027-01-01'], db),
        () => statement(jobIds.toReversed()),
        'lock-job',
      );
      expect(waited).toBe(true);
      for (const jobId of jobIds.slice(0, -1)) expect((await bench.job(jobId)).generation).toBe(2);
    },
  );

  test('goes through many times while all of them are asked again and again', async () => {
    const { name, jobIds } = await jobsOfACalendar(40);
    const orders = [jobIds, jobIds.toReversed(), jobIds.toSorted((a, b) => a.slice(-4).localeCompare(b.slice(-4)))];
    for (let round = 1; round <= 3; round++) {
      const asked = Object.values(statements).flatMap((statement) => orders.map((order) => statement(order)));
      await Promise.all([bench.putDates(name, [`2027-01-0${round}`]), ...asked]);
    }
    for (const jobId of jobIds) expect((await bench.job(jobId)).generation).toBe(4);
  });
});

test('excluded fires of more jobs than a transaction holds are settled in one call', async () => {
  await bench.putDates('new-year', ['2027-01-01']);
  const jobIds: string[] = [];
  for (let n = 0; n < 120; n++) jobIds.push(await bench.submit({ exclude: { calendars: ['new-year'] } }));
  const settled = async () =>
    bench.db.query(sql`select job_id, scheduled_for from runs where job_id = any(${jobIds}::uuid[])
      and outcome = 'skipped_excluded' order by job_id`);
  await settleExcludedFires(bench.ports);
  expect(await settled()).toEqual([]);
  bench.now = NEW_YEAR + DAY;
  await settleExcludedFires(bench.ports);
  const fire = new Date(NEW_YEAR + DAY / 2);
  expect(await settled()).toEqual(jobIds.toSorted().map((jobId) => ({ job_id: jobId, scheduled_for: fire })));
});
