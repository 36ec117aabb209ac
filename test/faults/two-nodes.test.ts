import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { startCluster, type Cluster } from './support.js';

/** Two nodes, as processes, of which one stops, stands still or is another pool's. */

let cluster: Cluster;
afterEach(() => cluster?.close());

const runIdsOf = (calls: Cluster['calls']) => new Set(calls.map((call) => call.runId));
const nodes = async () => (await cluster.call('GET', '/api/nodes')) as { node: string; status: string }[];

describe('a node that is told to stop in the middle of 50 runs', () => {
  beforeEach(async () => {
    cluster = await startCluster({ CARILLON_SHUTDOWN_GRACE: 'PT3S' });
  });

  test('loses none: each completes exactly once, in two attempts at most, and it ends with code 0', async () => {
    const first = await cluster.worker();
    const jobIds = await Promise.all(Array.from({ length: 50 }, () => cluster.submit()));
    await eventually(() => expect(runIdsOf(cluster.calls).size).toBe(50), 60_000);
    const second = await cluster.worker();
    const stopped = first.kill('SIGTERM');
    await eventually(async () =>
      expect(await nodes()).toEqual([
        expect.objectContaining({ node: first.node, status: 'draining' }),
        expect.objectContaining({ node: second.node, status: 'up' }),
      ]),
    );
    // What is answered within the grace ends where it began.
    const ended = cluster.calls.slice(0, 20);
    for (const call of ended) call.answer();
    await stopped;
    expect(first.child.exitCode).toBe(0);

    // The other 30 begin anew on the other node.
    await eventually(() => expect(cluster.calls.filter((call) => call.attempt === '2')).toHaveLength(30), 60_000);
    for (const call of cluster.calls) call.answer();
    await eventually(async () => {
      const runs = await cluster.runs(jobIds);
      expect(runs.map((run) => run.outcome)).toEqual(Array.from({ length: 50 }, () => 'completed'));
    }, 60_000);
    const runs = await cluster.runs(jobIds);
    const byNode = (node: string, attempts: number) =>
      runs.filter((run) => run.node === node && run.attempts === attempts).length;
    expect([byNode(first.node, 1), byNode(second.node, 2)]).toEqual([20, 30]);
    expect(runIdsOf(cluster.calls)).toEqual(new Set(runs.map((run) => run.id)));
    expect((await nodes()).map(({ node }) => node)).toEqual([second.node]);
  }, 180_000);
});

describe('a node that stands still past its heartbeat timeout', () => {
  beforeEach(async () => {
    cluster = await startCluster();
  });

  test('has its run taken over; its late result does not count, and it goes on to work', async () => {
    const still = await cluster.worker();
    const jobId = await cluster.submit();
    await eventually(() => expect(cluster.calls).toHaveLength(1));
    still.child.kill('SIGSTOP');
    const other = await cluster.worker();
    await eventually(() => expect(cluster.calls).toHaveLength(2), 60_000);
    // The answer to the first attempt is there when its node wakes, before the second one has ended.
    cluster.calls[0]?.answer();
    still.child.kill('SIGCONT');
    await eventually(async () =>
      expect(await nodes()).toContainEqual(expect.objectContaining({ node: still.node, status: 'up' })),
    );
    cluster.calls[1]?.answer();
    await eventually(async () => expect(await cluster.runs([jobId])).toMatchObject([{ outcome: 'completed' }]));
    expect(await cluster.runs([jobId])).toMatchObject([{ attempts: 2, node: other.node }]);
    expect(cluster.calls.map((call) => call.attempt)).toEqual(['1', '2']);
    expect(runIdsOf(cluster.calls).size).toBe(1);

    await other.kill('SIGTERM');
    const next = await cluster.submit();
    await eventually(() => expect(cluster.calls).toHaveLength(3), 60_000);
    cluster.calls[2]?.answer();
    await eventually(async () =>
      expect(await cluster.runs([next])).toMatchObject([{ outcome: 'completed', attempts: 1, node: still.node }]),
    );
  }, 180_000);
});

describe('nodes of different pools', () => {
  beforeEach(async () => {
    cluster = await startCluster();
  });

  const answerAll = () => {
    for (const call of cluster.calls) call.answer();
  };

  test('execute the jobs of their own pools only, and a changed pool counts from the next run on', async () => {
    const plain = await cluster.worker();
    const gpu = await cluster.worker({ CARILLON_ROLE: 'executor', CARILLON_POOLS: 'gpu' });
    const jobIds = { default: [] as string[], gpu: [] as string[] };
    for (let i = 0; i < 5; i++) {
      jobIds.default.push(await cluster.submit());
      jobIds.gpu.push(await cluster.submit({ pool: 'gpu' }));
    }
    const moved = await cluster.submit({
      jobType: 'recurring',
      frequency: 'every 2 seconds',
      executionTime: undefined,
    });
    await eventually(async () => {
      answerAll();
      for (const [pool, node] of [['default', plain.node] as const, ['gpu', gpu.node] as const]) {
        const runs = await cluster.runs(jobIds[pool]);
        expect(runs.map((run) => `${run.outcome} on ${run.node}`)).toEqual(
          Array.from({ length: 5 }, () => `completed on ${node}`),
        );
      }
      expect((await cluster.runs([moved])).some((run) => run.node === plain.node)).toBe(true);
    }, 60_000);

    await cluster.call('PUT', `/api/jobs/${moved}`, { pool: 'gpu' });
    await eventually(async () => {
      answerAll();
      expect((await cluster.runs([moved])).some((run) => run.node === gpu.node)).toBe(true);
    }, 60_000);
    await cluster.call('DELETE', `/api/jobs/${moved}`);
  }, 180_000);

  test('a job whose pool nobody serves waits until somebody does', async () => {
    await cluster.worker();
    const waiting = await cluster.submit({ pool: 'gpu' });
    const other = await cluster.submit();
    await eventually(async () => {
      answerAll();
      expect(await cluster.runs([other])).toMatchObject([{ outcome: 'completed' }]);
    });
    expect(await cluster.runs([waiting])).toEqual([]);
    const gpu = await cluster.worker({ CARILLON_ROLE: 'executor', CARILLON_POOLS: 'gpu' });
    await eventually(async () => {
      answerAll();
      expect(await cluster.runs([waiting])).toMatchObject([{ outcome: 'completed', node: gpu.node }]);
    }, 60_000);
  }, 120_000);
});
