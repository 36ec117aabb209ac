import { setTimeout as delay } from 'node:timers/promises';
import { becomesTrue, type World } from './support/carillon.js';
import { countUndispatched, until } from './support/jobs.js';
import type { Report } from './support/report.js';
import { median, percentile, rounded } from './support/statistics.js';

const COUNT = 1_000;
const MINUTE_MS = 60_000;
/** What submitting and dispatching so many takes, and some more. */
const AHEAD_MS = 45_000;

/** Many recurring jobs that all name the same minute: how many begin in its busiest second, with a spread and without. */
export async function spread(world: World): Promise<Report> {
  const together = await ofJobs(world, {});
  const apart = await ofJobs(world, { spread: 'PT1M' });
  const rowOf = (what: string, { perSecond, latenesses }: Found) => ({
    what: `${COUNT} recurring jobs due in the same minute, ${what}: most begun in one second; p50 / p99 late (ms)`,
    carillon: `${Math.max(...perSecond.values())}; ${rounded(median(latenesses))} / ${rounded(percentile(latenesses, 0.99))}`,
  });
  const [most, seconds] = [Math.max(...apart.perSecond.values()), apart.perSecond.size];
  return {
    rows: [
      rowOf('no spread', together),
      { ...rowOf('spread PT1M', apart), target: 'at most a twentieth in one second', met: most <= COUNT / 20 },
    ],
    notes: [`With the spread they began in ${seconds} different seconds. Late is after the effective time.`],
  };
}

interface Found {
  perSecond: Map<string, number>;
  latenesses: number[];
}

async function ofJobs(world: World, fields: { spread?: string }): Promise<Found> {
  const fire = Math.ceil((Date.now() + AHEAD_MS) / MINUTE_MS) * MINUTE_MS;
  const at = new Date(fire);
  const frequency = `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
  const ids: string[] = [];
  const runner = async (): Promise<void> => {
    while (ids.length < COUNT) {
      const place = ids.push('') - 1;
      ids[place] = await world.submit({ jobType: 'recurring', frequency, ...fields });
    }
  };
  await Promise.all(Array.from({ length: 10 }, runner));
  await becomesTrue(async () => (await countUndispatched(world)) === 0, AHEAD_MS);
  await until(fire + MINUTE_MS);
  let rows: { started_at: Date; late: string }[] = [];
  await becomesTrue(async () => {
    ({ rows } = await world.db.query(
      `select started_at, extract(epoch from handler_started_at - coalesce(effective_at, scheduled_for)) * 1000 as late
       from runs where job_id = any($1::uuid[]) and outcome = 'completed'`,
      [ids],
    ));
    return rows.length >= COUNT;
  }, MINUTE_MS);
  if (rows.length < COUNT) throw new Error(`Only ${rows.length} of ${COUNT} ran.`);
  for (const id of ids) await world.call('DELETE', `/api/jobs/${id}`);
  await delay(2_000);
  const perSecond = new Map<string, number>();
  for (const { started_at } of rows) {
    const second = started_at.toISOString().slice(0, 19);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  return { perSecond, latenesses: rows.map(({ late }) => Number(late)) };
}
