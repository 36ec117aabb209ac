import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exposedHeaders } from '../../src/contract/headers.js';
import { contentsOf, startTestApi, type Answer, type TestApi } from './support.js';

const ours = 'https://console.example.com';
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ corsOrigins: [ours, 'http://localhost:5173'] });
});
afterAll(() => api.close());

const preflight = (path: string, origin: string, method = 'POST'): Promise<Answer> =>
  api.call('OPTIONS', path, { key: null, headers: { origin, 'access-control-request-method': method } });
const namesOf = ({ headers }: Answer) => Object.keys(headers).filter((name) => name.startsWith('access-control-'));
const listOf = (header: unknown) => String(header).split(/, ?/);

test('a preflight of an allowed origin is answered without a key, with the methods of the path', async () => {
  const answer = await preflight('/api/jobs/0198c0de-7a1b-7c3d-8e4f-1234567890ab', ours, 'PUT');
  expect([answer.status, answer.text]).toEqual([204, '']);
  expect(answer.headers['access-control-allow-origin']).toBe(ours);
  const methods = listOf(answer.headers['access-control-allow-methods']);
  expect(methods.toSorted()).toEqual(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PUT']);
  const headers = listOf(answer.headers['access-control-allow-headers']);
  expect(headers).toEqual(expect.arrayContaining(['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match']));
  expect(listOf(answer.headers.vary)).toContain('Origin');
  expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
});

test.each([
  'https://evil.example.com',
  'http://console.example.com',
  'https://console.example.com:8443',
  'https://console.example.com.evil.com',
  'https://CONSOLE.example.com',
  'https://console.example.com/',
  'null',
  '*',
])('the origin %s is told nothing', async (origin) => {
  const asked = await preflight('/api/jobs', origin);
  expect([asked.status, namesOf(asked), listOf(asked.headers.vary)]).toEqual([401, [], ['Origin']]);
  const answer = await api.call('GET', '/api/jobs', { headers: { origin } });
  expect([answer.status, namesOf(answer), listOf(answer.headers.vary)]).toEqual([200, [], ['Origin']]);
});

test.each(['/api/nothing', '/api/jobs/', '//api/jobs', '/API/jobs', '/api/jobs/x/y/z', '/healthz', '/metrics', '*'])(
  'a preflight for %s, which the API does not have, is as any other request without a key',
  async (path) => {
    const answer = await preflight(path, ours);
    expect([401, 405]).toContain(answer.status);
    expect(answer.headers).not.toHaveProperty('access-control-allow-methods');
  },
);

test('an OPTIONS without a method to ask for is no preflight, and needs a key', async () => {
  expect((await api.call('OPTIONS', '/api/jobs', { key: null, headers: { origin: ours } })).status).toBe(401);
});

test('what a page of an allowed origin may read is named, also of a refusal', async () => {
  for (const key of [undefined, null]) {
    const answer = await api.call('GET', '/api/jobs', { headers: { origin: ours }, ...(key === null ? { key } : {}) });
    expect(answer.headers['access-control-allow-origin']).toBe(ours);
    const exposed = listOf(answer.headers['access-control-expose-headers']);
    expect(exposed).toEqual([...exposedHeaders]);
    expect(exposed).toEqual(
      expect.arrayContaining([
        'X-Request-Id',
        'ETag',
        'Location',
        'Link',
        'Retry-After',
        'RateLimit',
        'RateLimit-Policy',
      ]),
    );
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  }
});

test('a preflight changes nothing', async () => {
  const before = await contentsOf(api.db);
  await preflight('/api/jobs', ours);
  expect(await contentsOf(api.db)).toEqual(before);
});

test('without a list no origin is heeded', async () => {
  const closed = await startTestApi();
  const answer = await closed.call('GET', '/api/jobs', { headers: { origin: ours } });
  expect([answer.status, namesOf(answer), answer.headers.vary]).toEqual([200, [], undefined]);
  const asked = await closed.call('OPTIONS', '/api/jobs', {
    key: null,
    headers: { origin: ours, 'access-control-request-method': 'GET' },
  });
  expect(asked.status).toBe(401);
  await closed.close();
});
