import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { named, startRefusingApi, type RefusingApi } from './bad-input-support.js';

let api: RefusingApi;
beforeAll(async () => {
  api = await startRefusingApi();
});
afterAll(() => api.close());

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
    const answer = await api.refused('POST', `/api/jobs/:jobId/${command}`, { body });
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
      const answer = await api.refused(method, `/api/jobs/${encodeURIComponent(id)}${tail}`);
      expect([answer.status, named(answer)]).toEqual([422, ['jobId']]);
    }
    const answer = await api.refused('GET', `/api/jobs/:jobId/runs/${encodeURIComponent(id)}`);
    expect(named(answer)).toEqual(['runId']);
  });

  test.each(['%00', '%zz', '%', '%c3%28', '%ff'])('%s', async (id) => {
    const answer = await api.refused('GET', `/api/jobs/${id}`);
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
    const answer = await api.refused('GET', path);
    expect(answer.status).toBe(422);
    expect(named(answer)).toContain(parameter);
  });

  test('a page too deep, with what to use instead', async () => {
    expect((await api.refused('GET', '/api/jobs?page=5000')).json.detail).toContain('cursor');
  });

  test('a page together with a cursor', async () => {
    await api.submit();
    const { next } = await api.call('GET', '/api/jobs?limit=1');
    expect(named(await api.refused('GET', `${next}&page=2`))).toEqual(['page']);
  });

  test('an older list’s cursor in another list', async () => {
    const { next } = await api.call('GET', '/api/jobs?limit=1');
    const cursor = next?.split('cursor=')[1];
    expect(named(await api.refused('GET', `/api/jobs?sort=jobName&cursor=${cursor}`))).toEqual(['cursor']);
    expect(named(await api.refused('GET', `/api/jobs/:jobId/runs?cursor=${cursor}`))).toEqual(['cursor']);
  });
});
