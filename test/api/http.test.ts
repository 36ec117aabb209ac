import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Endpoint } from '../../src/contract/endpoint.js';
import { endpoints } from '../../src/contract/endpoints.js';
import { startTestApi, type TestApi } from './support.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

test.each([
  '/',
  '/api',
  '/api/',
  '/api/nothing',
  '//api/jobs',
  '/API/jobs',
  '/api/jobs/',
  '/api/Jobs',
  '/api/jobs/x/y/z',
  '/healthz/',
  '/api/jobs/batch/',
  '/api/jobs/./batch',
  '/api//jobs/batch',
  '/api/jobs/x/../batch',
  '/api/jobs/%62atch/x',
  '/api;x/jobs',
])('with a key, %s is 404: a path is right only as it is written', async (path) => {
  const { status, json } = await api.call('GET', path);
  expect([status, json.code]).toEqual([404, 'not_found']);
});

test('a method that a path does not have is 405, and Allow names those it has', async () => {
  const allowOf = (path: string) =>
    Object.values<Endpoint>(endpoints).flatMap((e) =>
      e.path !== path ? [] : e.method === 'get' ? ['GET', 'HEAD'] : e.method.toUpperCase(),
    );
  for (const path of new Set(Object.values(endpoints).map((e) => e.path))) {
    const url = path.replaceAll(/:\w+/g, '0198c0de-7a1b-7c3d-8e4f-1234567890ab');
    const { status, headers, json } = await api.call('PATCH', url);
    expect([status, json.code]).toEqual([405, 'method_not_allowed']);
    expect(String(headers.allow).split(', ').toSorted()).toEqual([...allowOf(path), 'OPTIONS'].toSorted());
    const options = await api.call('OPTIONS', url);
    expect([options.status, options.headers.allow, options.text]).toEqual([204, headers.allow, '']);
  }
});

test('HEAD answers as GET does, without the body', async () => {
  const jobId = await api.submit();
  for (const path of [
    '/api/jobs',
    '/api/nothing',
    `/api/jobs/${jobId}`,
    '/healthz',
    '/readyz',
    '/openapi.json',
    '/api/project',
  ]) {
    const get = await api.call('GET', path);
    const head = await api.call('HEAD', path);
    expect([head.status, head.headers['content-length'], head.text]).toEqual([
      get.status,
      get.headers['content-length'],
      '',
    ]);
  }
});

test.each(['text/html', 'application/xml', 'application/json;q=0'])('who accepts only %s gets 406', async (accept) => {
  const { status, json } = await api.call('GET', '/api/jobs', { headers: { accept } });
  expect([status, json.code]).toEqual([406, 'not_acceptable']);
});

test.each(['*/*', 'application/json', 'application/*', 'text/html, application/json;q=0.9', 'text/html, */*;q=0.1'])(
  'who accepts %s gets JSON',
  async (accept) => {
    const { status, headers } = await api.call('GET', '/api/jobs', { headers: { accept } });
    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  },
);

test('a request id that came with the request goes out again, and into the log', async () => {
  const { headers } = await api.call('GET', '/api/jobs', { headers: { 'x-request-id': 'mine-123' } });
  expect(headers['x-request-id']).toBe('mine-123');
  expect(api.logLines).toContainEqual(
    expect.objectContaining({ requestId: 'mine-123', route: '/api/jobs', status: 200 }),
  );
});

test.each(['a b', 'x'.repeat(129), '<script>', '{"a":1}'])(
  'a request id of %j is replaced by a new one',
  async (id) => {
    const { headers } = await api.call('GET', '/api/jobs', { headers: { 'x-request-id': id } });
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  },
);

test('a request belongs to the trace that it came with, or to a new one, and its answer says so', async () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const ask = (traceparent: string) => api.call('GET', '/api/nothing', { headers: { traceparent } });
  for (const flags of ['00', '01']) {
    const { json, headers } = await ask(`00-${trace}-00f067aa0ba902b7-${flags}`);
    expect(json.traceId).toBe(trace);
    expect(headers['traceresponse']).toMatch(
      new RegExp(`^00-${trace}-(?!00f067aa0ba902b7|0{16})[0-9a-f]{16}-${flags}$`),
    );
  }
  for (const broken of [
    'x',
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `ff-${trace}-00f067aa0ba902b7-01`,
    `00-${trace.slice(1)}-00f067aa0ba902b7-01`,
    `00-${trace}-00f067aa0ba902b7-012`,
    `00-${trace.toUpperCase()}-00f067aa0ba902b7-01`,
  ]) {
    const { json, headers } = await ask(broken);
    expect(json.traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    expect([json.traceId === trace, headers['traceresponse']]).toEqual([
      false,
      expect.stringMatching(`^00-${json.traceId}-[0-9a-f]{16}-00$`),
    ]);
  }
});

test('every answer has the headers that keep browsers from doing harm, and none that tells what serves it', async () => {
  for (const [path, key] of [
    ['/healthz', null],
    ['/api/jobs', null],
    ['/api/jobs', undefined],
    ['/nothing', undefined],
  ] as const) {
    const { headers } = await api.call('GET', path, key === undefined ? {} : { key });
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('strict-transport-security');
  }
});

test('answers about jobs are kept by no cache', async () => {
  expect((await api.call('GET', '/api/jobs')).headers['cache-control']).toBe('no-store');
});
