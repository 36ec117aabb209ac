import { setTimeout as delay } from 'node:timers/promises';
import { withBare } from './support/bare.js';
import { becomesTrue, type World } from './support/carillon.js';
import { countUndispatched, ledgerLatenesses, spread, submitAll, until, untilCompleted } from './support/jobs.js';
import type { Report, Row } from './support/report.js';
import { median, percentile, range } from './support/statistics.js';

const COUNT = 500;
const OVER_MS = 30_000;
/** From the first submission to the first due time. */
const AHEAD_MS = 7_000;
const TARGET = { p50: 8, p99: 30 };

/** How long after its due time each run begins: the handler by the ledger, the bare activity by its own clock. */
export async function lateness(world: World): Promise<Report> {
  const steady = await ofCarillon(world, OVER_MS);
  const crowded = await ofCarillon(world, 0);
  const [bareSteady, bareCrowded] = await withBare(world.place.temporalAddress, async (bare) => {
    const both: number[][] = [];
    for (const overMs of [OVER_MS, 0]) {
      const from = Date.now() + AHEAD_MS;
      await bare.start(spread(COUNT, from, overMs));
      const latenesses: number[] = [];
      await until(from + overMs);
      await becomesTrue(async () => latenesses.push(...(await bare.latenesses())) >= COUNT, 30_000);
      both.push(latenesses);
    }
    return both;
  });
  const [p50, p99] = [median(steady.latenesses), percentile(steady.latenesses, 0.99)];
  return {
    rows: [
      {
        ...rowOf(`${COUNT} jobs over ${OVER_MS / 1000} s, min / p50 / p99 / max (ms)`, steady, bareSteady),
        target: `none early, p50 ≤ ${TARGET.p50}, p99 ≤ ${TARGET.p99}`,
        met: Math.min(...steady.latenesses) >= 0 && p50 <= TARGET.p50 && p99 <= TARGET.p99,
      },
      rowOf(`${COUNT} jobs at one instant, min / p50 / p99 / max (ms)`, crowded, bareCrowded),
    ],
    notes: [
      `Submitted through the API, all within ${AHEAD_MS / 1000} s before the first was due; the last was with Temporal ${[steady, crowded].map(({ dispatchedAheadMs }) => (dispatchedAheadMs / 1000).toFixed(1)).join(' and ')} s before that.`,
    ],
  };
}

interface Found {
  latenesses: number[];
  dispatchedAheadMs: number;
}

async function ofCarillon(world: World, overMs: number): Promise<Found> {
  const from = Date.now() + AHEAD_MS;
  const ids = await submitAll(world, spread(COUNT, from, overMs));
  await becomesTrue(async () => (await countUndispatched(world)) === 0, AHEAD_MS);
  const dispatchedAheadMs = from - Date.now();
  await until(from + overMs);
  await untilCompleted(world, ids, 30_000);
  await delay(1_000);
  return { latenesses: await ledgerLatenesses(world, ids), dispatchedAheadMs };
}

function rowOf(what: string, { latenesses }: Found, bare: number[] = []): Row {
  return { what, carillon: range(latenesses), bare: range(bare) };
}
