import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { upsertNode } from '../../src/store/nodes.js';
import { eventually } from '../support/eventually.js';
import { startTestApi, type TestApi } from './support.js';

let api: TestApi;
let isTemporalReachable: boolean | Promise<boolean> = true;
beforeAll(async () => {
  api = await startTestApi({ isTemporalReachable: () => isTemporalReachable });
});
afterAll(() => api.close());

const seeNode = (id: string, role: string, agoMs = 0) =>
  upsertNode(
    api.db,
    { id, role, pools: ['default'], version: '1' },
    { startedAt: Date.now(), now: Date.now() - agoMs },
  );
const forgetNodes = () => api.db.query(sql`delete from nodes`);

describe('readiness', () => {
  /** Readiness is looked at once a second. */
  const ready = (expected: object) =>
    eventually(async () => {
      const { status, json } = await api.call('GET', '/readyz', { key: null });
      expect({ httpStatus: status, ...json }).toMatchObject(expected);
    }, 5_000);

  test('is red without a worker, and says so', async () => {
    await ready({
      httpStatus: 503,
      status: 'not ready',
      timeZoneData: expect.stringMatching(/^20\d\d[a-z]$/),
      database: { ok: true },
      temporal: { ok: true },
      worker: { ok: false },
    });
  });

  test('is green with a worker for everything, or one for each role', async () => {
    await seeNode('a', 'all');
    await ready({ httpStatus: 200, status: 'ready', worker: { ok: true } });
    await forgetNodes();
    await seeNode('b', 'scheduler');
    await ready({ httpStatus: 503, worker: { ok: false, detail: 'no executor was seen in the last 30 s' } });
    await seeNode('c', 'executor');
    await ready({ httpStatus: 200 });
  });

  test('is red when the worker was last seen more than 30 s ago', async () => {
    await forgetNodes();
    await seeNode('a', 'all', 31_000);
    await ready({ httpStatus: 503, worker: { ok: false } });
  });

  test('is red while Temporal is away, and jobs are taken in all the same', async () => {
    await seeNode('a', 'all');
    await ready({ httpStatus: 200 });
    isTemporalReachable = false;
    await ready({ httpStatus: 503, temporal: { ok: false }, database: { ok: true } });
    await api.submit();
    isTemporalReachable = true;
    await ready({ httpStatus: 200 });
  });

  test('does not say of one database that it answers and that it does not', async () => {
    await seeNode('a', 'all');
    await ready({ httpStatus: 200 });
    await api.db.transaction(async (tx) => {
      // Nothing reads the nodes now; all else is answered.
      await tx.query(sql`lock table nodes in access exclusive mode`);
      await ready({
        httpStatus: 503,
        database: { ok: false, detail: 'does not answer' },
        worker: { ok: false, detail: 'not known: the database does not answer' },
      });
    });
    await ready({ httpStatus: 200 });
  });

  test('is told although a part never answers', async () => {
    isTemporalReachable = new Promise(() => undefined);
    await eventually(async () => {
      const { status, json } = await api.call('GET', '/readyz', { key: null });
      expect([status, json]).toEqual([
        503,
        expect.objectContaining({ temporal: { ok: false, detail: 'does not answer' }, database: { ok: true } }),
      ]);
    });
    isTemporalReachable = true;
    await ready({ httpStatus: 200 });
  });
});

test('health says that the process lives, whatever else does not', async () => {
  const { status, json } = await api.call('GET', '/healthz', { key: null });
  expect([status, json]).toEqual([200, { status: 'ok' }]);
});

test('metrics count requests by the template of their path, never by the path itself', async () => {
  const jobId = await api.submit();
  await api.call('GET', `/api/jobs/${jobId}`);
  await api.call('GET', '/api/secret-name');
  await api.call('BREW', '/api/jobs').catch(() => undefined);
  const { text, headers } = await api.call('GET', '/metrics', { key: null });
  expect(headers['content-type']).toMatch('text/plain');
  expect(text).toMatch(
    /carillon_http_request_duration_seconds_count\{method="GET",route="\/api\/jobs\/:jobId",status="200"\} 1/,
  );
  expect(text).toContain('route="unmatched",status="404"');
  expect(text).toMatch(/carillon_jobs_submitted_total [1-9]/);
  expect(text).not.toContain(jobId);
  expect(text).not.toContain('secret-name');
});

test('a request is one log line, with its ids and without what it held', async () => {
  const key = await api.makeKey('admin');
  const body = {
    jobName: 'canary-name',
    jobType: 'one-time',
    executionTime: '2099-01-01T00:00:00Z',
    payload: 'canary-payload',
  };
  await api.call('POST', '/api/jobs?q=canary-query', {
    key,
    body,
    headers: { 'x-canary': 'canary-header', 'x-request-id': 'r-1' },
  });
  await api.call('GET', '/api/canary-path', { key });
  const lines = await eventually(() => {
    const found = api.logLines.filter((line) => line['requestId'] === 'r-1');
    expect(found).toHaveLength(1);
    return found;
  });
  expect(lines[0]).toMatchObject({ method: 'POST', route: '/api/jobs', status: 201, keyId: key.slice(9, 25) });
  await api.call('GET', '/healthz', { headers: { 'x-request-id': 'r-2' } });
  await eventually(() =>
    expect(api.logLines.find((line) => line['requestId'] === 'r-2')).toMatchObject({ level: 'debug' }),
  );
  const all = JSON.stringify(api.logLines);
  expect(all).not.toContain('canary');
  expect(all).not.toContain(key.split('.')[1]);
});
