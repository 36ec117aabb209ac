import { setTimeout as delay } from 'node:timers/promises';
import { becomesTrue, type World } from './carillon.js';

/** So many instants, evenly spread over a time, as epoch milliseconds. */
export function spread(count: number, from: number, overMs: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.round(from + (i * overMs) / count));
}

/** Submits a one-time job for each due time, ten at a time; their ids. */
export async function submitAll(world: World, dues: number[]): Promise<string[]> {
  const ids: string[] = [];
  let next = 0;
  const runner = async (): Promise<void> => {
    for (let due = dues[next++]; due !== undefined; due = dues[next++]) {
      ids.push(await world.submit({ jobType: 'one-time', executionTime: new Date(due).toISOString() }));
    }
  };
  await Promise.all(Array.from({ length: 10 }, runner));
  return ids;
}

export async function countUndispatched({ db }: World): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    'select count(*)::int as count from jobs where observed_generation < generation',
  );
  return rows[0]?.count ?? 0;
}

/** How late the runs of these jobs began, by the ledger, in milliseconds. */
export async function ledgerLatenesses({ db }: World, jobIds: string[]): Promise<number[]> {
  const { rows } = await db.query<{ late: string }>(
    `select extract(epoch from handler_started_at - scheduled_for) * 1000 as late from runs
     where job_id = any($1::uuid[]) and outcome = 'completed'`,
    [jobIds],
  );
  return rows.map(({ late }) => Number(late));
}

/** Waits until all these jobs have completed, at most for `withinMs`. */
export async function untilCompleted(world: World, jobIds: string[], withinMs: number): Promise<void> {
  let standing: { status: string; count: number }[] = [];
  const areDone = async (): Promise<boolean> => {
    const { rows } = await world.db.query<{ status: string; count: number }>(
      'select status::text, count(*)::int as count from jobs where id = any($1::uuid[]) group by status',
      [jobIds],
    );
    standing = rows;
    return rows.every(({ status }) => status === 'completed');
  };
  if (await becomesTrue(areDone, withinMs)) return;
  throw new Error(`Not all jobs completed in time: ${JSON.stringify(standing)}`);
}

/** Waits until this instant (epoch milliseconds). */
export async function until(instant: number): Promise<void> {
  await delay(Math.max(instant - Date.now(), 0));
}
