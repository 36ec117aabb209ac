import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { named, valid, startRefusingApi, type RefusingApi } from './bad-input-support.js';

let api: RefusingApi;
beforeAll(async () => {
  api = await startRefusingApi();
});
afterAll(() => api.close());

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
    const answer = await api.refused('POST', '/api/jobs', { body });
    expect(answer.status).toBe(422);
    expect(named(answer)).toContain(pointer);
    expect(answer.json.detail).toContain(pointer.split('/')[1]);
  });

  test('a duration of parts of a millisecond, with what it must be', async () => {
    const answer = await api.refused('POST', '/api/jobs', { body: { ...valid, timeout: 'PT0.1005S' } });
    expect(answer.json.errors).toEqual([{ pointer: '/timeout', message: 'must be of whole milliseconds' }]);
    const milliseconds = { timeout: 'PT0.101S', retry: { initialInterval: 'PT0.001S' } };
    expect((await api.call('POST', '/api/jobs', { body: { ...valid, ...milliseconds } })).status).toBe(201);
  });

  test('everything that is wrong at once', async () => {
    const answer = await api.refused('POST', '/api/jobs', {
      body: { jobName: '', jobType: 'x', priority: 'y', surprise: 1 },
    });
    expect(new Set(named(answer))).toEqual(new Set(['/jobName', '/jobType', '/priority', '/surprise']));
  });

  test('a key with a slash or tilde is pointed at as RFC 6901 wants it', async () => {
    expect(named(await api.refused('POST', '/api/jobs', { body: { ...valid, 'a/b~c': 1 } }))).toEqual(['/a~1b~0c']);
  });

  test.each([
    ['/__proto__', '{"jobName":"x","jobType":"recurring","frequency":"daily","__proto__":{"isAdmin":true}}'],
    ['/payload', '{"jobName":"x","jobType":"recurring","frequency":"daily","payload":{"__proto__":1}}'],
    ['/payload', '{"jobName":"x","jobType":"recurring","frequency":"daily","payload":1e999}'],
  ])('%s in %s', async (pointer, raw) => {
    const answer = await api.refused('POST', '/api/jobs', { raw });
    expect(answer.status).toBe(422);
    expect(pointer.startsWith(named(answer)[0] ?? 'none')).toBe(true);
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
    const answer = await api.refused('PUT', '/api/jobs/:jobId', { body });
    expect(answer.status).toBe(422);
    expect(named(answer)).toContain(pointer);
  });

  test('in one sentence that says what is wrong', async () => {
    const errorsOf = async (body: unknown) => (await api.refused('PUT', '/api/jobs/:jobId', { body })).json.errors;
    const type = { pointer: '/jobType', message: "can't be changed" };
    const unknown = { pointer: '/colour', message: 'is not a field of this request' };
    expect(await errorsOf({ jobType: 'one-time' })).toEqual([type]);
    expect(await errorsOf({ colour: 'red' })).toEqual([unknown]);
    expect(await errorsOf({ jobType: 'one-time', colour: 'red' })).toEqual([unknown, type]);
    expect(await errorsOf({})).toEqual([{ pointer: '', message: 'must change at least one field' }]);
  });

  test('without a body: 400', async () => expect((await api.refused('PUT', '/api/jobs/:jobId')).status).toBe(400));
});
