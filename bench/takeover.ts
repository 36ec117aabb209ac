import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { becomesTrue, type World } from './support/carillon.js';
import type { Report, Row } from './support/report.js';
import { startWorker } from './support/workers.js';

/** The heartbeat timeout, and what the next attempt may take from there. */
const TARGET_S = 15;
const GIVE_UP_AFTER_MS = 120_000;
const POOL = 'takeover';

/** How long after a node is lost in a run the next attempt begins on another: killed, and standing still. */
export async function takeover(world: World): Promise<Report> {
  const rows: Row[] = [];
  for (const [signal, how] of [
    ['SIGKILL', 'killed'],
    ['SIGSTOP', 'stopped, its connections open'],
  ] as const) {
    const tookMs = await afterSignal(world, signal);
    rows.push({
      what: `a node is ${how}: its run goes on elsewhere after (s)`,
      carillon: (tookMs / 1000).toFixed(1),
      target: `≤ ${TARGET_S}`,
      met: tookMs <= TARGET_S * 1000,
    });
  }
  return {
    rows,
    notes: ['From the signal to the request that the next attempt sends. The heartbeat timeout is 10 s.'],
  };
}

async function afterSignal(world: World, signal: NodeJS.Signals): Promise<number> {
  const calls: number[] = [];
  const sink = createServer((_request, response) => {
    calls.push(performance.now());
    // The first attempt's node never gets an answer.
    if (calls.length > 1) response.end('ok');
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  const { port } = sink.address() as AddressInfo;
  const env = { CARILLON_ROLE: 'executor', CARILLON_POOLS: POOL, CARILLON_HTTP_ALLOW: `127.0.0.1:${port}` };
  const lost = await startWorker(world.place, env);
  try {
    await world.submit({
      ...{ jobType: 'one-time', executionTime: 'now', handler: 'http', pool: POOL },
      payload: { url: `http://127.0.0.1:${port}/` },
    });
    if (!(await becomesTrue(async () => calls.length === 1, GIVE_UP_AFTER_MS))) throw new Error('it did not begin');
    const other = await startWorker(world.place, env);
    const at = performance.now();
    process.kill(lost.pid, signal);
    const wentOn = await becomesTrue(async () => calls.length > 1, GIVE_UP_AFTER_MS);
    await other.stop();
    if (!wentOn) throw new Error('it did not go on');
    return (calls[1] ?? NaN) - at;
  } finally {
    await lost.stop('SIGKILL');
    sink.closeAllConnections();
    sink.close();
  }
}
