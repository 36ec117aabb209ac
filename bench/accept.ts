import { withBare } from './support/bare.js';
import { becomesTrue, type World } from './support/carillon.js';
import { treeCpuMs } from './support/cpu.js';
import { countUndispatched, ledgerLatenesses, submitAll } from './support/jobs.js';
import type { Report } from './support/report.js';
import { range } from './support/statistics.js';

const CONNECTIONS = 50;
const FOR_MS = 6_000;
const FAR_MS = 12 * 3_600_000;
/** Jobs that are submitted last and due first. */
const SOON = { count: 50, inMs: 5_000 };
/** How late they may be before they are no longer waited for. */
const GIVE_UP_MS = 40_000;
const TARGET = 2;

/** How fast jobs are taken in, and what becomes of the backlog that leaves. */
export async function accept(world: World): Promise<Report> {
  const [ours, theirs]: [number[], number[]] = [[], []];
  await withBare(world.place.temporalAddress, async (bare) => {
    for (let round = 0; round < 2; round++) {
      theirs.push(((await bare.startFor(FOR_MS, Date.now() + FAR_MS)) * 1000) / FOR_MS);
      await untilQuiet();
      // The backlog of the round before would take its time: it is measured after the last one.
      await world.db.query('delete from jobs where observed_generation = 0');
      ours.push(((await submitFor(world, FOR_MS)) * 1000) / FOR_MS);
    }
  });
  const backlog = await countUndispatched(world);
  const startedAt = performance.now();
  const soon = await submitAll(
    world,
    Array.from({ length: SOON.count }, () => Date.now() + SOON.inMs),
  );
  let latenesses: number[] = [];
  const haveBegun = async (): Promise<boolean> =>
    (latenesses = await ledgerLatenesses(world, soon)).length === soon.length;
  await becomesTrue(haveBegun, SOON.inMs + GIVE_UP_MS);
  const stillWaiting = await countUndispatched(world);
  const areDispatched = await becomesTrue(async () => (await countUndispatched(world)) === 0, 60_000);
  const tookS = (performance.now() - startedAt) / 1000;
  const ratio = mean(ours) / mean(theirs);
  return {
    rows: [
      {
        what: `accepted at ${CONNECTIONS} connections, a second`,
        carillon: `${mean(ours).toFixed(0)} (${ratio.toFixed(2)} × bare)`,
        bare: mean(theirs).toFixed(0),
        target: `≥ ${TARGET} × bare`,
        met: ratio >= TARGET,
      },
      {
        what: 'backlog afterwards (jobs), and until all were dispatched (s)',
        carillon: `${backlog}, ${areDispatched ? tookS.toFixed(1) : `over ${tookS.toFixed(0)}`}`,
      },
      {
        what: `${SOON.count} jobs submitted behind it, due in ${SOON.inMs / 1000} s: min / p50 / p99 / max late (ms)`,
        carillon:
          latenesses.length === soon.length
            ? range(latenesses)
            : `only ${latenesses.length} began in time to be counted`,
      },
    ],
    notes: [
      `Two rounds each, in turn: ${ours.map((rate) => rate.toFixed(0)).join(', ')} beside ${theirs.map((rate) => rate.toFixed(0)).join(', ')} a second. The client that sends the requests is not counted, but runs on the same machine.`,
      `When the last of those ${SOON.count} had run (or was waited for no longer), ${stillWaiting} of the backlog were still to be dispatched: soonest due goes first.`,
    ],
  };
}

async function submitFor(world: World, forMs: number): Promise<number> {
  let accepted = 0;
  const executionTime = new Date(Date.now() + FAR_MS).toISOString();
  const endAt = performance.now() + forMs;
  const runner = async (): Promise<void> => {
    for (; performance.now() < endAt; accepted++) await world.submit({ jobType: 'one-time', executionTime });
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, runner));
  return accepted;
}

/** Waits until this machine's processes that we started use little, at most 15 s. */
async function untilQuiet(): Promise<void> {
  let before = treeCpuMs([process.pid]);
  await becomesTrue(async () => {
    await new Promise((resolve) => setTimeout(resolve, 900));
    const now = treeCpuMs([process.pid]);
    const isQuiet = now - before < 200;
    before = now;
    return isQuiet;
  }, 15_000);
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
