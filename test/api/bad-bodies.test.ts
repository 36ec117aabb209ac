import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { named, valid, startRefusingApi, type RefusingApi } from './bad-input-support.js';
import type { CallOptions } from './support.js';

let api: RefusingApi;
beforeAll(async () => {
  api = await startRefusingApi();
});
afterAll(() => api.close());

describe('a body is refused when it is', () => {
  const post = (options: CallOptions) => api.refused('POST', '/api/jobs', options);

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
