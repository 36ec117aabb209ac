import { setTimeout as delay } from 'node:timers/promises';
import { withBare } from './support/bare.js';
import { becomesTrue, type World } from './support/carillon.js';
import { cpuTimes, partsOf } from './support/cpu.js';
import { spread, submitAll, until, untilCompleted } from './support/jobs.js';
import type { Report } from './support/report.js';
import { startWorker } from './support/workers.js';

/** In turn, so that what else goes on on the machine falls on both. */
const ROUNDS = 2;
const COUNT = 500;
const OVER_MS = 14_000;
const AHEAD_MS = 6_000;
const IDLE_MS = 5_000;
/** Until what a process does once, after its start, is done. */
const SETTLES_WITHIN_MS = 5_000;
const WORKERS = 2;
const TARGET = 1.4;

/** CPU milliseconds a job, by part of the system; what the idle system uses in that time is taken off. */
type PerJob = Record<string, number>;

/** What a job costs, from its submission to its end, in all processes together. */
export async function cpu(world: World): Promise<Report> {
  const carillon: PerJob[] = [];
  const bare: PerJob[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // The second worker is there for its round only: idle, it would count as the bare system's.
    const second = await startWorker(world.place);
    carillon.push(await ofCarillon(world, second.pid));
    await second.stop();
    bare.push(await ofBare(world));
  }
  const [ours, theirs] = [meanOf(carillon), meanOf(bare)];
  const ratio = sumOf(ours) / sumOf(theirs);
  const ratios = carillon.map((one, i) => (sumOf(one) / sumOf(bare[i] ?? {})).toFixed(2));
  return {
    rows: [
      {
        what: 'whole system, CPU ms a job',
        carillon: `${shown(sumOf(ours))} (${ratio.toFixed(2)} × bare)`,
        bare: shown(sumOf(theirs)),
        target: `≤ ${TARGET} × bare`,
        met: ratio <= TARGET,
      },
      { what: 'of which API, or bare client', carillon: shown(ours['API']), bare: shown(theirs['client']) },
      { what: 'workers', carillon: shown(ours['worker']), bare: shown(theirs['worker']) },
      { what: 'Temporal', carillon: shown(ours['Temporal']), bare: shown(theirs['Temporal']) },
      { what: 'Postgres', carillon: shown(ours['Postgres']) },
    ],
    notes: [
      `${ROUNDS} rounds of ${COUNT} one-time jobs over ${OVER_MS / 1000} s each on ${WORKERS} worker processes, in turn (${ratios.join(' and ')} × bare). What the same processes used idle in as much time is taken off; it was measured for ${IDLE_MS / 1000} s before each.`,
    ],
  };
}

async function ofCarillon(world: World, secondWorker: number): Promise<PerJob> {
  const { worker = [], ...rest } = partsOf(world.pid);
  return perJob({ ...rest, worker: [...worker, secondWorker] }, async (dues) => {
    const ids = await submitAll(world, dues);
    await until(dues.at(-1) ?? 0);
    await untilCompleted(world, ids, 30_000);
  });
}

async function ofBare(world: World): Promise<PerJob> {
  const { Temporal = [] } = partsOf(world.pid);
  return withBare(
    world.place.temporalAddress,
    ({ pids, start, latenesses }) =>
      perJob({ client: [pids.client], worker: pids.workers, Temporal }, async (dues) => {
        await start(dues);
        await until(dues.at(-1) ?? 0);
        let done = 0;
        await becomesTrue(async () => (done += (await latenesses()).length) >= COUNT, 30_000);
      }),
    WORKERS,
  );
}

async function perJob(parts: Record<string, number[]>, work: (dues: number[]) => Promise<void>): Promise<PerJob> {
  await delay(SETTLES_WITHIN_MS);
  const idle = await measured(parts, () => delay(IDLE_MS));
  const busy = await measured(parts, async () => {
    await work(spread(COUNT, Date.now() + AHEAD_MS, OVER_MS));
    // What trails behind a job is its cost too.
    await delay(2_000);
  });
  return Object.fromEntries(
    Object.entries(busy.cpuMs).map(([part, ms]) => {
      const idleMs = ((idle.cpuMs[part] ?? 0) / idle.tookMs) * busy.tookMs;
      return [part, (ms - idleMs) / COUNT];
    }),
  );
}

async function measured(
  parts: Record<string, number[]>,
  work: () => Promise<void>,
): Promise<{ cpuMs: Record<string, number>; tookMs: number }> {
  const before = cpuTimes(parts);
  const startedAt = performance.now();
  await work();
  const after = cpuTimes(parts);
  const cpuMs = Object.fromEntries(Object.entries(after).map(([part, ms]) => [part, ms - (before[part] ?? 0)]));
  return { cpuMs, tookMs: performance.now() - startedAt };
}

function meanOf(rounds: PerJob[]): PerJob {
  const parts = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(
    parts.map((part) => [part, rounds.reduce((sum, one) => sum + (one[part] ?? 0), 0) / rounds.length]),
  );
}

const sumOf = (perJobMs: PerJob): number => Object.values(perJobMs).reduce((sum, ms) => sum + ms, 0);

const shown = (ms = NaN): string => ms.toFixed(1);
