import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { becomesTrue, type World } from './support/carillon.js';
import type { Report } from './support/report.js';
import { range, percentile } from './support/statistics.js';

const COUNT = 100;
const WITHIN_MS = 30_000;
const TARGET_MS = 2_000;

/** From the request that cancels a run to the signal of its handler: as a server sees it that `http` jobs call. */
export async function cancel(world: World): Promise<Report> {
  const calls = new Map<string, { endedAt?: number }>();
  const server = createServer((request, response) => {
    const call: { endedAt?: number } = {};
    calls.set(String(request.headers['x-carillon-job-id']), call);
    // It never answers: what ends the request is the caller.
    response.on('close', () => (call.endedAt = performance.now()));
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const job = { jobType: 'one-time', executionTime: 'now', handler: 'http', payload: { url: '' } } as const;
    const ids = await Promise.all(
      Array.from({ length: COUNT }, (_, index) =>
        // Of a host each: what one host is sent at once is bounded.
        world.submit({ ...job, payload: { url: `http://127.0.0.${1 + (index % 100)}:${port}/`, timeout: 'PT5M' } }),
      ),
    );
    if (!(await becomesTrue(async () => calls.size === COUNT, WITHIN_MS))) throw new Error(`${calls.size} runs began.`);
    const askedAt = new Map<string, number>();
    const runs = await world.db.query<{ id: string; job_id: string }>(
      "select id, job_id from runs where job_id = any($1::uuid[]) and outcome = 'running'",
      [ids],
    );
    for (const { id, job_id: jobId } of runs.rows) {
      askedAt.set(jobId, performance.now());
      await world.call('POST', `/api/jobs/${jobId}/runs/${id}/cancel`, {});
    }
    const ended = async () => [...calls.values()].every((call) => call.endedAt !== undefined);
    await becomesTrue(ended, WITHIN_MS);
    const took = [...askedAt].map(([jobId, at]) => (calls.get(jobId)?.endedAt ?? Infinity) - at);
    return {
      rows: [
        {
          what: `${COUNT} runs cancelled one after another, until the signal: min / p50 / p99 / max (ms)`,
          carillon: range(took),
          target: `p99 ≤ ${TARGET_MS}`,
          met: percentile(took, 0.99) <= TARGET_MS,
        },
      ],
      notes: ['By the end of the request that the handler of each had open.'],
    };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
