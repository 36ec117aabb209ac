import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import type { Endpoint } from '../../src/contract/endpoint.js';
import { endpoints } from '../../src/contract/endpoints.js';
import { makeApiKey, writeApiKey } from '../../src/security/api-key.js';
import { startTestApi, type TestApi } from './support.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const anyId = '0198c0de-7a1b-7c3d-8e4f-1234567890ab';
const calls = Object.values<Endpoint>(endpoints).map(({ method, path }) => ({
  method: method.toUpperCase(),
  path: path.replaceAll(/:\w+/g, anyId),
}));
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

describe('without a key', () => {
  test.each(calls)('$method $path is 401, as a problem', async ({ method, path }) => {
    const answer = await api.call(method, path, { key: null });
    expect(answer.status).toBe(401);
    expect(answer.headers['content-type']).toMatch('application/problem+json');
    expect(answer.headers['www-authenticate']).toMatch('Bearer');
    expect(answer.json).toMatchObject({ status: 401, code: 'unauthenticated' });
  });

  test('every method on every path is 401', async () => {
    for (const path of new Set(calls.map((call) => call.path))) {
      for (const method of methods)
        expect([method, path, (await api.call(method, path, { key: null })).status]).toEqual([method, path, 401]);
    }
  });

  test.each([
    '/',
    '/api',
    '/api/',
    '//api/jobs',
    '/api//jobs',
    '/API/jobs',
    '/api/jobs/',
    '/api/jobs;x',
    '/api/%6aobs',
    '/%61pi/jobs',
    '/api/jobs/..%2fjobs',
    '/x/../api/jobs',
    '/healthz/../api/jobs',
    '/healthz/',
    '/healthz;x',
    '/healthz%20',
    '/healthz%00',
    '/healthz/api/jobs',
    '//healthz',
    '/HEALTHZ',
    '/%68ealthz',
    '/metrics/',
    '/metrics/../api/jobs',
    '/api/jobs/healthz',
    '/api/jobs?/healthz',
    '/api/jobs#/healthz',
    '/.well-known/openid-configuration',
    '/api/jobs/%zz',
  ])('%s gets past nobody', async (path) => {
    expect((await api.call('GET', path, { key: null })).status).toBe(401);
  });

  test('a whole URL as the target gets past nobody', async () => {
    expect((await api.call('GET', `${api.url}/api/jobs`, { key: null })).status).toBe(401);
    expect((await api.call('GET', 'http://healthz/api/jobs', { key: null })).status).toBe(401);
    expect((await api.call('GET', 'http://x/api/jobs?/healthz', { key: null })).status).toBe(401);
    expect((await api.call('GET', 'http://x/healthz', { key: null })).status).toBe(200);
  });

  test.each(['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs', '/healthz?x=1'])(
    '%s is public',
    async (path) => {
      expect((await api.call('GET', path, { key: null })).status).not.toBe(401);
    },
  );

  test('public pages can only be read', async () => {
    const answer = await api.call('POST', '/healthz', { key: null });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});

describe('with a key that is', () => {
  const list = async (key: string) => (await api.call('GET', '/api/jobs', { key })).status;

  test('valid, the call is let in', async () => {
    expect(await list(await api.makeKey('admin'))).toBe(200);
  });

  test('nobody’s, it is 401', async () => {
    expect(await list(writeApiKey(makeApiKey()))).toBe(401);
  });

  test('right but for its secret, it is 401', async () => {
    const key = await api.makeKey('admin');
    const id = key.slice(0, key.indexOf('.'));
    expect(await list(`${id}.${makeApiKey().secret}`)).toBe(401);
    expect(await list(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`)).toBe(401);
    expect(await list(key)).toBe(200);
  });

  test('revoked, it is 401', async () => {
    expect(await list(await api.makeKey('admin', { revokedAt: new Date(Date.now() - 1_000) }))).toBe(401);
  });

  test('expired, it is 401, and from that moment on', async () => {
    expect(await list(await api.makeKey('admin', { expiresAt: new Date(Date.now() - 1_000) }))).toBe(401);
    const key = await api.makeKey('admin', { expiresAt: new Date(Date.now() + 3_600_000) });
    expect(await list(key)).toBe(200);
    api.advance(3_601_000);
    expect(await list(key)).toBe(401);
  });

  test('of a role that does not exist, it is 401', async () => {
    const key = await api.makeKey('admin');
    await api.db.query(sql`update api_keys set role = 'constructor' where id = ${key.slice(9, 25)}`);
    expect(await list(key)).toBe(401);
  });

  test.each([
    '',
    'x',
    'carillon_',
    'carillon_abc.def',
    `carillon_${'a'.repeat(16)}.${'a'.repeat(42)}`,
    'a'.repeat(5_000),
  ])('written as %j, it is 401', async (key) => {
    const answer = await api.call('GET', '/api/jobs', { key: null, headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(401);
  });

  test('given as Basic or in the query, it is 401', async () => {
    const key = await api.makeKey('admin');
    const basic = `Basic ${Buffer.from(`x:${key}`).toString('base64')}`;
    expect((await api.call('GET', '/api/jobs', { key: null, headers: { authorization: basic } })).status).toBe(401);
    expect((await api.call('GET', `/api/jobs?access_token=${key}`, { key: null })).status).toBe(401);
  });

  test('of another project, jobs here do not exist: every answer is the one for a random id', async () => {
    const jobId = await api.submit();
    const other = await api.makeKey('admin', { projectId: '00000000-0000-7000-8000-000000000002' });
    const ofJobs = Object.values<Endpoint>(endpoints).filter((endpoint) => endpoint.path.includes(':jobId'));
    for (const { method, path } of ofJobs) {
      const query = path.endsWith('/explain') ? '?at=2027-01-01T00:00:00Z' : '';
      const at = (id: string) => path.replace(':jobId', id).replace(':runId', anyId) + query;
      const body = path.endsWith('/backfill')
        ? { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }
        : method === 'put' && { priority: 'high' };
      const options = { key: other, ...(body && { body }) };
      const answer = await api.call(method.toUpperCase(), at(jobId), options);
      const random = await api.call(method.toUpperCase(), at(anyId), options);
      expect([path, answer.status]).toEqual([path, 404]);
      const faceless = ({ text }: { text: string }, id: string) =>
        text.replaceAll(id, '').replace(/"traceId":"\w+"/, '');
      expect(faceless(answer, jobId)).toBe(faceless(random, anyId));
    }
    expect((await api.call('GET', '/api/jobs', { key: other })).text).toBe('[]');
  });
});
