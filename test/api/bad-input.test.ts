import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { contentsOf, startTestApi, type Answer, type CallOptions, type TestApi } from './support.js';

let api: TestApi;
let jobId: string;
beforeAll(async () => {
  api = await startTestApi();
  jobId = await api.submit({ jobType: 'recurring', executionTime: undefined, frequency: 'daily' });
});
afterAll(() => api.close());

/** Sends what must be refused, and sees that nothing came of it. */
async function refused(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const before = await contentsOf(api.db);
  const answer = await api.call(method, path.replace(':jobId', jobId), options);
  expect(answer.headers['content-type']).toMatch('application/problem+json');
  expect(answer.json).toMatchObject({ status: answer.status, title: expect.any(String), detail: expect.any(String) });
  expect(answer.json.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(await contentsOf(api.db)).toEqual(before);
  return answer;
}

const named = ({ json }: Answer) => (json.errors ?? []).map((problem) => problem.pointer ?? problem.parameter);

const valid = { jobName: 'Report', jobType: 'recurring', frequency: 'daily' };
const oneTime = { jobName: 'Report', jobType: 'one-time', executionTime: '2099-01-01T00:00:00Z' };

describe('a job is refused, and what is wrong is named:', () => {
  test.each<[string, string, unknown]>([
    ['/jobName', 'missing', { jobType: 'recurring', frequency: 'daily' }],
    ['/jobName', 'empty', { ...valid, jobName: '' }],
    ['/jobName', 'blank', { ...valid, jobName: '   ' }],
    ['/jobName', 'too long', { ...valid, jobName: 'x'.repeat(201) }],
    ['/jobName', 'a number', { ...valid, jobName: 5 }],
    ['/jobName', 'null', { ...valid, jobName: null }],
    ['/jobName', 'NUL', { ...valid, jobName: 'a\0b' }],
    ['/jobName', 'a lone surrogate', { ...valid, jobName: 'a\ud800b' }],
    ['/jobType', 'missing', { jobName: 'x', frequency: 'daily' }],
    ['/jobType', 'unknown', { ...valid, jobType: 'sometimes' }],
    ['/jobType', 'an object', { ...valid, jobType: { $ne: null } }],
    ['/executionTime', 'a day that does not exist', { ...oneTime, executionTime: '2026-02-30T00:00:00Z' }],
    ['/executionTime', 'an hour that does not exist', { ...oneTime, executionTime: '2099-01-01T25:00:00Z' }],
    ['/executionTime', 'beyond the year 9999', { ...oneTime, executionTime: '9999-12-31T23:59:59-01:00' }],
    ['/executionTime', 'before the year 1', { ...oneTime, executionTime: '0000-01-01T00:00:00Z' }],
    ['/executionTime', 'empty', { ...oneTime, executionTime: '' }],
    ['/executionTime', 'words', { ...oneTime, executionTime: 'tomorrow' }],
    ['/executionTime', 'a number', { ...oneTime, executionTime: 1_900_000_000_000 }],
    ['/executionTime', 'without an offset or a time zone', { ...oneTime, executionTime: '2099-01-01T00:00:00' }],
    ['/executionTime', 'long past', { ...oneTime, executionTime: '2001-01-01T00:00:00Z' }],
    ['/executionTime', 'too long', { ...oneTime, executionTime: '2099-01-01T00:00:00.'.padEnd(500, '0') }],
    ['/executionTime', 'missing for a one-time job', { jobName: 'x', jobType: 'one-time' }],
    ['/frequency', 'given for a one-time job', { ...oneTime, frequency: 'daily' }],
    ['/frequency', 'missing for a recurring job', { jobName: 'x', jobType: 'recurring' }],
    ['/frequency', 'empty', { ...valid, frequency: '' }],
    ['/frequency', 'blank', { ...valid, frequency: ' ' }],
    ['/frequency', 'cron of four fields', { ...valid, frequency: '* * * *' }],
    ['/frequency', 'cron that never fires', { ...valid, frequency: '0 0 30 2 *' }],
    ['/frequency', 'cron out of range', { ...valid, frequency: '60 0 * * *' }],
    ['/frequency', 'words', { ...valid, frequency: 'now and then' }],
    ['/frequency', 'of no length', { ...valid, frequency: 'PT0S' }],
    ['/frequency', 'negative', { ...valid, frequency: '-PT1H' }],
    ['/frequency', 'too long', { ...valid, frequency: '1,'.repeat(5_000) }],
    ['/frequency', 'NUL', { ...valid, frequency: 'daily\0' }],
    ['/timezone', 'unknown', { ...valid, timezone: 'Mars/Olympus' }],
    ['/timezone', 'empty', { ...valid, timezone: '' }],
    ['/timezone', 'a path', { ...valid, timezone: '../../etc/passwd' }],
    ['/timezone', 'a number', { ...valid, timezone: 1 }],
    ['/priority', 'unknown', { ...valid, priority: 'urgent' }],
    ['/priority', 'a number', { ...valid, priority: 1 }],
    ['/handler', 'unknown', { ...valid, handler: 'nothing' }],
    ['/handler', 'of an object’s own', { ...valid, handler: 'constructor' }],
    ['/handler', 'empty', { ...valid, handler: '' }],
    ['/payload/url', 'missing for http', { ...valid, handler: 'http', payload: { method: 'GET' } }],
    ['/payload/url', 'no URL', { ...valid, handler: 'http', payload: { url: 'gopher://x' } }],
    ['/payload', 'missing for http', { ...valid, handler: 'http' }],
    ['/payload', 'too large', { ...valid, payload: 'x'.repeat(65 * 1024) }],
    ['/payload/a', 'NUL', { ...valid, payload: { a: '\0' } }],
    ['/payload', 'NUL in a key', { ...valid, payload: { 'a\0': 1 } }],
    ['/payload/a/0', 'a lone surrogate', { ...valid, payload: { a: ['\udc00'] } }],
    ['/tags', 'not a list', { ...valid, tags: 'a' }],
    ['/tags/1', 'a number among them', { ...valid, tags: ['a', 1] }],
    ['/tags', 'too many', { ...valid, tags: Array.from({ length: 21 }, (_, i) => `t${i}`) }],
    ['/timeout', 'a number', { ...valid, timeout: 30 }],
    ['/timeout', 'no duration', { ...valid, timeout: '30s' }],
    ['/timeout', 'of no length', { ...valid, timeout: 'PT0S' }],
    ['/timeout', 'too long', { ...valid, timeout: 'P400D' }],
    ['/timeout', 'of months', { ...valid, timeout: 'P1M' }],
    ['/timeout', 'of half a millisecond', { ...valid, timeout: 'PT0.1005S' }],
    ['/retry', 'not an object', { ...valid, retry: 3 }],
    ['/retry/maxAttempts', 'zero', { ...valid, retry: { maxAttempts: 0 } }],
    ['/retry/maxAttempts', 'a fraction', { ...valid, retry: { maxAttempts: 1.5 } }],
    ['/retry/backoffCoefficient', 'less than one', { ...valid, retry: { backoffCoefficient: 0.5 } }],
    ['/retry/initialInterval', 'negative', { ...valid, retry: { initialInterval: '-PT1S' } }],
    ['/retry/initialInterval', 'of half a millisecond', { ...valid, retry: { initialInterval: 'PT0.0005S' } }],
    ['/retry/times', 'unknown', { ...valid, retry: { times: 3 } }],
    ['/jobname', 'unknown', { ...valid, jobname: 'x' }],
    ['/projectId', 'assigned from outside', { ...valid, projectId: '00000000-0000-7000-8000-000000000002' }],
    ['/status', 'assigned from outside', { ...valid, status: 'completed' }],
    ['/constructor', 'unknown', { ...valid, constructor: { prototype: {} } }],
  ])('%s %s', async (pointer, _, body) => {
    const answer = await refused('POST', '/api/jobs', { body });
    expect(answer.status).toBe(422);
    expect(named(answer)).toContain(pointer);
    expect(answer.json.detail).toContain(pointer.split('/')[1]);
  });

  test('a duration of parts of a millisecond, with what it must be', async () => {
    const answer = await refused('POST', '/api/jobs', { body: { ...valid, timeout: 'PT0.1005S' } });
    expect(answer.json.errors).toEqual([{ pointer: '/timeout', message: 'must be of whole milliseconds' }]);
    const milliseconds = { timeout: 'PT0.101S', retry: { initialInterval: 'PT0.001S' } };
    expect((await api.call('POST', '/api/jobs', { body: { ...valid, ...milliseconds } })).status).toBe(201);
  });

  test('everything that is wrong at once', async () => {
    const answer = await refused('POST', '/api/jobs', {
      body: { jobName: '', jobType: 'x', priority: 'y', surprise: 1 },
    });
    expect(new Set(named(answer))).toEqual(new Set(['/jobName', '/jobType', '/priority', '/surprise']));
  });

  test('a key with a slash or tilde is pointed at as RFC 6901 wants it', async () => {
    expect(named(await refused('POST', '/api/jobs', { body: { ...valid, 'a/b~c': 1 } }))).toEqual(['/a~1b~0c']);
  });

  test.each([
    ['/__proto__', '{"jobName":"x","jobType":"recurring","frequency":"daily","__proto__":{"isAdmin":true}}'],
    ['/payload', '{"jobName":"x","jobType":"recurring","frequency":"daily","payload":{"__proto__":1}}'],
    ['/payload', '{"jobName":"x","jobType":"recurring","frequency":"daily","payload":1e999}'],
  ])('%s in %s', async (pointer, raw) => {
    const answer = await refused('POST', '/api/jobs', { raw });
    expect(answer.status).toBe(422);
    expect(pointer.startsWith(named(answer)[0] ?? 'none')).toBe(true);
  });
});

describe('a body is refused when it is', () => {
  const post = (options: CallOptions) => refused('POST', '/api/jobs', options);

  test.each([
    ['cut off', '{"jobName":'],
    ['no JSON', 'jobName=x'],
    ['two JSON values', '{}{}'],
    ['blank', '  '],
    ['NaN', '{"jobName":NaN}'],
    ['with a comma too many', '{"jobName":"x",}'],
  ])('%s: 400', async (_, raw) => {
    const answer = await post({ raw });
    expect([answer.status, answer.json.code]).toEqual([400, 'malformed_request']);
    expect(answer.text).not.toContain('jobName');
  });

  test.each([
    ['null', 'null'],
    ['an array', '[]'],
    ['a text', '"x"'],
    ['a number', '1'],
  ])('%s: 422, naming the body', async (_, raw) => {
    const answer = await post({ raw });
    expect(answer.status).toBe(422);
    expect(answer.json.detail).toContain('body');
  });

  test('missing: 400', async () => expect((await post({})).status).toBe(400));

  test('not UTF-8: 400', async () => {
    expect((await post({ raw: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]) })).status).toBe(400);
  });

  test('larger than 256 KiB: 413, however it is framed', async () => {
    const raw = JSON.stringify({ ...valid, payload: 'x'.repeat(300 * 1024) });
    expect((await post({ raw })).status).toBe(413);
    const chunked = await post({ raw, headers: { 'content-length': '', 'transfer-encoding': 'chunked' } });
    expect([chunked.status, chunked.json.code]).toEqual([413, 'payload_too_large']);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/jsonx',
    '',
  ])('sent as %j: 415', async (type) => {
    const answer = await post({ raw: JSON.stringify(valid), headers: { 'content-type': type } });
    expect([answer.status, answer.json.code]).toEqual([415, 'unsupported_media_type']);
  });

  test('compressed: 415', async () => {
    expect((await post({ raw: 'x', headers: { 'content-encoding': 'gzip' } })).status).toBe(415);
  });

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/merge-patch+json',
  ])('but not when sent as %s', async (type) => {
    const answer = await api.call('POST', '/api/jobs', {
      raw: JSON.stringify(valid),
      headers: { 'content-type': type },
    });
    expect(answer.status).toBe(201);
  });

  test('100,000 levels deep', async () => {
    for (const payload of [
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`,
    ]) {
      const answer = await post({
        raw: `{"jobName":"x","jobType":"recurring","frequency":"daily","payload":${payload}}`,
      });
      expect(answer.status).toBe(422);
      expect(named(answer)[0]).toMatch(/^\/payload/);
    }
  });

  test('33 levels deep, while 32 are taken', async () => {
    const nested = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`) as unknown;
    expect((await post({ body: { ...valid, payload: nested(32) } })).status).toBe(422);
    expect((await api.call('POST', '/api/jobs', { body: { ...valid, payload: nested(31) } })).status).toBe(201);
  });

  test('of more than 10,000 keys', async () => {
    const payload = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`k${i}`, 0]));
    const answer = await post({ body: { ...valid, payload } });
    expect(answer.status).toBe(422);
    expect(named(answer)).toEqual(['/payload']);
  });
});

describe('a change is refused:', () => {
  test.each<[string, string, unknown]>([
    ['', 'of nothing', {}],
    ['/jobType', 'of the type', { jobType: 'one-time' }],
    ['/frequency', 'to a cron that never fires', { frequency: '0 0 31 4 *' }],
    ['/timezone', 'to no time zone', { timezone: 'Nowhere' }],
    ['/executionTime', 'to no instant', { executionTime: '2026-13-01T00:00:00Z' }],
    ['/handler', 'to no handler', { handler: 'x' }],
    ['/payload/url', 'to http, with no URL', { handler: 'http', payload: {} }],
    ['/jobName', 'to no name', { jobName: '' }],
    ['/generation', 'of what is not the user’s', { generation: 5 }],
  ])('%s %s', async (pointer, _, body) => {
    const answer = await refused('PUT', '/api/jobs/:jobId', { body });
    expect(answer.status).toBe(422);
    expect(named(answer)).toContain(pointer);
  });

  test('in one sentence that says what is wrong', async () => {
    const errorsOf = async (body: unknown) => (await refused('PUT', '/api/jobs/:jobId', { body })).json.errors;
    const type = { pointer: '/jobType', message: "can't be changed" };
    const unknown = { pointer: '/colour', message: 'is not a field of this request' };
    expect(await errorsOf({ jobType: 'one-time' })).toEqual([type]);
    expect(await errorsOf({ colour: 'red' })).toEqual([unknown]);
    expect(await errorsOf({ jobType: 'one-time', colour: 'red' })).toEqual([unknown, type]);
    expect(await errorsOf({})).toEqual([{ pointer: '', message: 'must change at least one field' }]);
  });

  test('without a body: 400', async () => expect((await refused('PUT', '/api/jobs/:jobId')).status).toBe(400));
});

describe('a command is refused:', () => {
  test.each<[string, string, unknown]>([
    ['pause', '/reason', { reason: '' }],
    ['pause', '/reason', { reason: 'x'.repeat(501) }],
    ['pause', '/until', { until: '2026-02-30T00:00:00Z' }],
    ['pause', '/until', { until: 'never' }],
    ['pause', '/until', { until: '9999-12-31T23:59:59-01:00' }],
    ['pause', '/until', { until: '2099-01-01T00:00' }],
    ['pause', '/until', { until: '2001-01-01T00:00:00Z' }],
    ['pause', '/for', { for: 'PT1H' }],
    ['pause', '', []],
    ['resume', '/catchUp', { catchUp: 'some' }],
    ['resume', '/catchup', { catchup: 'all' }],
    ['run', '/payloads', { payloads: 1 }],
    ['run', '/payload', { payload: 'x'.repeat(65 * 1024) }],
  ])('%s %s %j', async (command, pointer, body) => {
    const answer = await refused('POST', `/api/jobs/:jobId/${command}`, { body });
    expect(answer.status).toBe(422);
    expect(named(answer)).toContain(pointer);
  });
});

describe('an id is refused, by name, when it is', () => {
  test.each([
    'x',
    '1',
    "'; drop table jobs; --",
    '00000000',
    '0'.repeat(500),
    'null',
    '../x',
    '0198c0de-7a1b-7c3d-8e4f-1234567890zz',
  ])('%j', async (id) => {
    for (const [method, tail] of [
      ['GET', ''],
      ['GET', '/status'],
      ['GET', '/runs'],
      ['GET', '/logs'],
      ['DELETE', ''],
      ['POST', '/pause'],
    ] as const) {
      const answer = await refused(method, `/api/jobs/${encodeURIComponent(id)}${tail}`);
      expect([answer.status, named(answer)]).toEqual([422, ['jobId']]);
    }
    const answer = await refused('GET', `/api/jobs/:jobId/runs/${encodeURIComponent(id)}`);
    expect(named(answer)).toEqual(['runId']);
  });

  test.each(['%00', '%zz', '%', '%c3%28', '%ff'])('%s', async (id) => {
    const answer = await refused('GET', `/api/jobs/${id}`);
    expect(named(answer)).toEqual(['jobId']);
  });
});

describe('a parameter is refused, by name:', () => {
  test.each([
    ['page', '/api/jobs?page=0'],
    ['page', '/api/jobs?page=-1'],
    ['page', '/api/jobs?page=1.5'],
    ['page', '/api/jobs?page=x'],
    ['page', '/api/jobs?page='],
    ['page', '/api/jobs?page=1e3'],
    ['page', '/api/jobs?page=99999999999999999999'],
    ['page', '/api/jobs?page=1001'],
    ['limit', '/api/jobs?limit=0'],
    ['limit', '/api/jobs?limit=201'],
    ['limit', '/api/jobs?limit=NaN'],
    ['limit', '/api/jobs?limit=10&limit=20'],
    ['status', '/api/jobs?status=done'],
    ['status', '/api/jobs?status='],
    ['status[$ne]', '/api/jobs?status[$ne]=pending'],
    ['type', '/api/jobs?type=one_time'],
    ['priority', '/api/jobs?priority=5'],
    ['sort', '/api/jobs?sort=payload'],
    ['sort', '/api/jobs?sort=constructor'],
    ['q', '/api/jobs?q='],
    ['q', '/api/jobs?q=%00'],
    ['tag', `/api/jobs?tag=${'x'.repeat(65)}`],
    ['cursor', '/api/jobs?cursor=x'],
    ['cursor', '/api/jobs?cursor='],
    [
      'cursor',
      `/api/jobs?cursor=${Buffer.from('{"list":"jobs -createdAt","position":{"key":null,"id":"x"}}').toString('base64url')}`,
    ],
    [
      'cursor',
      `/api/jobs?sort=nextRunAt&cursor=${Buffer.from('{"list":"jobs nextRunAt","position":{"key":1e300,"id":"0198c0de-7a1b-7c3d-8e4f-1234567890ab"}}').toString('base64url')}`,
    ],
    [
      'cursor',
      `/api/jobs?sort=jobName&cursor=${Buffer.from('{"list":"jobs jobName","position":{"key":"\\u0000","id":"0198c0de-7a1b-7c3d-8e4f-1234567890ab"}}').toString('base64url')}`,
    ],
    ['offset', '/api/jobs?offset=5'],
    ['__proto__', '/api/jobs?__proto__=5'],
    ['outcome', '/api/jobs/:jobId/runs?outcome=ok'],
    ['from', '/api/jobs/:jobId/runs?from=yesterday'],
    ['from', '/api/jobs/:jobId/runs?from=0000-01-01T00:00:00Z'],
    ['from', '/api/jobs/:jobId/runs?from=1969-12-31T23:59:59Z'],
    ['to', '/api/jobs/:jobId/runs?to=9999-12-31T23:59:59-01:00'],
    ['from', '/api/jobs/:jobId/runs?from=2026-02-30T00:00:00Z'],
    ['to', '/api/jobs/:jobId/runs?from=2026-02-02T00:00:00Z&to=2026-02-01T00:00:00Z'],
    ['page', '/api/jobs/:jobId/runs?page=1001'],
    ['cursor', '/api/jobs/:jobId/runs?cursor=e30'],
    ['level', '/api/jobs/:jobId/logs?level=loud'],
    ['runId', '/api/jobs/:jobId/logs?runId=1'],
    ['since', '/api/jobs/:jobId/logs?since=0'],
    ['since', '/api/jobs/:jobId/logs?since=2026-01-01T00:00:00'],
    ['page', '/api/jobs/:jobId/logs?page=1'],
    [
      'cursor',
      `/api/jobs/:jobId/logs?cursor=${Buffer.from('{"list":"logs","position":"99999999999999999999"}').toString('base64url')}`,
    ],
  ])('%s in %s', async (parameter, path) => {
    const answer = await refused('GET', path);
    expect(answer.status).toBe(422);
    expect(named(answer)).toContain(parameter);
  });

  test('a page too deep, with what to use instead', async () => {
    expect((await refused('GET', '/api/jobs?page=5000')).json.detail).toContain('cursor');
  });

  test('a page together with a cursor', async () => {
    await api.submit();
    const { next } = await api.call('GET', '/api/jobs?limit=1');
    expect(named(await refused('GET', `${next}&page=2`))).toEqual(['page']);
  });

  test('an older list’s cursor in another list', async () => {
    const { next } = await api.call('GET', '/api/jobs?limit=1');
    const cursor = next?.split('cursor=')[1];
    expect(named(await refused('GET', `/api/jobs?sort=jobName&cursor=${cursor}`))).toEqual(['cursor']);
    expect(named(await refused('GET', `/api/jobs/:jobId/runs?cursor=${cursor}`))).toEqual(['cursor']);
  });
});
