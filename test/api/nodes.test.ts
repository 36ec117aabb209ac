import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { upsertNode, type NodeLoad } from '../../src/store/nodes.js';
import { startTestApi, type TestApi } from './support.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());
beforeEach(() => api.db.query(sql`delete from nodes`));

const load: NodeLoad = { running: 3, waiting: 1, held: 7, places: 10, cpu: 42, memory: 61, draining: false };
const see = (id: string, { agoMs = 0, given = {} }: { agoMs?: number; given?: Partial<NodeLoad> } = {}) => {
  const now = Date.now() - agoMs;
  const node = { id, role: 'all', pools: ['default', 'gpu'], version: '1.2.3', load: { ...load, ...given } };
  return upsertNode(api.db, node, { startedAt: now - 60_000, now });
};
const nodes = async () => (await api.call('GET', '/api/nodes')).list as unknown as { node: string; status: string }[];

describe('the list of nodes', () => {
  test('tells what each does, and how much it has to do', async () => {
    await see('one');
    const { draining: _, ...shown } = load;
    expect(await nodes()).toEqual([
      {
        node: 'one',
        role: 'all',
        pools: ['default', 'gpu'],
        version: '1.2.3',
        status: 'up',
        startedAt: expect.stringMatching(/Z$/),
        lastSeenAt: expect.stringMatching(/Z$/),
        load: shown,
      },
    ]);
  });

  test('tells which one was told to stop, and which was not seen for 30 seconds', async () => {
    await see('lost', { agoMs: 31_000, given: { draining: true } });
    await see('nearly', { agoMs: 25_000 });
    await see('stopping', { given: { draining: true } });
    expect((await nodes()).map(({ node, status }) => `${node} ${status}`)).toEqual([
      'lost lost',
      'nearly up',
      'stopping draining',
    ]);
  });

  test('has forgotten those of yesterday', async () => {
    await see('of yesterday', { agoMs: 25 * 3_600_000 });
    expect(await nodes()).toEqual([]);
  });

  test('shows a node of an earlier release, which says nothing of its load', async () => {
    const now = Date.now();
    const node = { id: 'old', role: 'executor', pools: ['default'], version: '0.1.0' };
    await upsertNode(api.db, node, { startedAt: now, now });
    expect(await nodes()).toEqual([
      expect.objectContaining({ node: 'old', status: 'up', load: expect.objectContaining({ running: 0 }) }),
    ]);
  });

  test('is for all who may see jobs', async () => {
    expect((await api.call('GET', '/api/nodes', { key: await api.makeKey('viewer') })).status).toBe(200);
    expect((await api.call('GET', '/api/nodes', { key: null })).status).toBe(401);
  });
});

describe('the pool of a job', () => {
  const poolOf = async (jobId: string) =>
    ((await api.call('GET', `/api/jobs/${jobId}`)).json as unknown as { pool: string }).pool;

  test('is "default" when it names none, and can be changed', async () => {
    const jobId = await api.submit();
    expect(await poolOf(jobId)).toBe('default');
    expect((await api.call('PUT', `/api/jobs/${jobId}`, { body: { pool: 'gpu-2' } })).status).toBe(200);
    expect(await poolOf(jobId)).toBe('gpu-2');
    await api.call('PUT', `/api/jobs/${jobId}`, { body: { priority: 'high' } });
    expect(await poolOf(jobId)).toBe('gpu-2');
  });

  test('is the one that it was submitted with', async () => {
    expect(await poolOf(await api.submit({ pool: 'gpu' }))).toBe('gpu');
  });

  test.each(['', 'GPU', '-gpu', 'a b', 'x'.repeat(64), 'gpu/1', 5, null])('is not %j', async (pool) => {
    const body = { jobName: 'x', jobType: 'one-time', executionTime: 'now', pool };
    const answer = await api.call('POST', '/api/jobs', { body });
    expect([answer.status, answer.json.errors[0]?.pointer]).toEqual([422, '/pool']);
    const jobId = await api.submit();
    expect((await api.call('PUT', `/api/jobs/${jobId}`, { body: { pool } })).status).toBe(422);
  });
});
