import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { contentsOf, startTestApi, type Answer, type TestApi } from './support.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const submit = () => api.submit({ jobType: 'recurring', executionTime: undefined, frequency: 'daily' });
const etagOf = async (jobId: string) => String((await api.call('GET', `/api/jobs/${jobId}`)).headers.etag);
const update = (jobId: string, ifMatch: string, priority = 'high'): Promise<Answer> =>
  api.call('PUT', `/api/jobs/${jobId}`, { body: { priority }, headers: { 'if-match': ifMatch } });

describe('If-Match', () => {
  test('lets a change pass while the job is of that generation, and no longer', async () => {
    const jobId = await submit();
    const etag = await etagOf(jobId);
    expect((await update(jobId, etag)).status).toBe(200);
    const before = await contentsOf(api.db);
    const stale = await update(jobId, etag, 'low');
    expect([stale.status, stale.json.code]).toEqual([412, 'precondition_failed']);
    expect(stale.json.detail).toContain('generation 2');
    const cancel = await api.call('DELETE', `/api/jobs/${jobId}`, { headers: { 'if-match': etag } });
    expect([cancel.status, cancel.json.code]).toEqual([412, 'precondition_failed']);
    expect(await contentsOf(api.db)).toEqual(before);
    const fresh = { 'if-match': await etagOf(jobId) };
    expect((await api.call('DELETE', `/api/jobs/${jobId}`, { headers: fresh })).status).toBe(200);
  });

  test.each([
    ['*', 200],
    ['"1"', 200],
    ['"1.of-another-hash_0"', 200],
    ['"7", "1"', 200],
    ['"a,b" , "1"', 200],
    ['"2"', 412],
    ['W/"1"', 412],
    ['"01"', 412],
    ['"1.2.3"', 412],
    ['"x"', 412],
    ['""', 412],
    ['1', 400],
    ['"1', 400],
    ['"1" "2"', 400],
    ['*, "1"', 400],
    [',', 400],
  ])('of %s is %i for a job of generation 1', async (ifMatch, status) => {
    expect((await update(await submit(), ifMatch)).status).toBe(status);
  });

  test('of two changes of the same generation at once, one is made', async () => {
    const jobId = await submit();
    const etag = await etagOf(jobId);
    const answers = await Promise.all(Array.from({ length: 10 }, () => update(jobId, etag)));
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([200, ...Array.from({ length: 9 }, () => 412)]);
  });

  test('is heeded by a preview, too', async () => {
    const jobId = await submit();
    const preview = (ifMatch: string) =>
      api.call('PUT', `/api/jobs/${jobId}?preview=true`, {
        body: { frequency: 'hourly' },
        headers: { 'if-match': ifMatch },
      });
    expect([(await preview('"1"')).status, (await preview('"2"')).status]).toEqual([200, 412]);
  });

  test('of a job that is not there is 404', async () => {
    expect((await update('0198c0de-7a1b-7c3d-8e4f-1234567890ab', '"1"')).status).toBe(404);
  });

  test('is refused where it is not heeded: nobody is to rely on it', async () => {
    const jobId = await submit();
    const headers = { 'if-match': '"9"' };
    for (const [method, path] of [
      ['POST', `/api/jobs/${jobId}/pause`],
      ['PUT', '/api/project'],
      ['GET', `/api/jobs/${jobId}`],
    ] as const) {
      const { status, json } = await api.call(method, path, { headers });
      expect([status, json.errors[0]?.parameter]).toEqual([400, 'If-Match']);
    }
  });
});

describe('If-None-Match', () => {
  const read = (jobId: string, ifNoneMatch: string, key?: string) =>
    api.call('GET', `/api/jobs/${jobId}`, {
      headers: { 'if-none-match': ifNoneMatch },
      ...(key === undefined ? {} : { key }),
    });

  test.each([(etag: string) => etag, (etag: string) => `"x", W/${etag}`, () => '*'])(
    'that names what is shown is 304, without a body (%#)',
    async (written) => {
      const jobId = await submit();
      const etag = await etagOf(jobId);
      const { status, text, headers } = await read(jobId, written(etag));
      expect([status, text, headers.etag]).toEqual([304, '', etag]);
    },
  );

  test.each(['"1"', 'W/"x"', 'nonsense', '"'])('of %s gets the job', async (ifNoneMatch) => {
    const jobId = await submit();
    const { status, json } = await read(jobId, ifNoneMatch);
    expect([status, json.jobId]).toEqual([200, jobId]);
  });

  test('gets the job once its status has moved, which makes no new generation', async () => {
    const jobId = await submit();
    const etag = await etagOf(jobId);
    await api.db.query(sql`update jobs set status = 'running' where id = ${jobId}`);
    const { status, json, headers } = await read(jobId, etag);
    expect([status, json.status]).toEqual([200, 'running']);
    expect(headers.etag).not.toBe(etag);
    expect((await update(jobId, etag)).status).toBe(200);
  });

  test('of one who sees the payload does not stand for what another sees', async () => {
    const jobId = await api.submit({ payload: { canary: 'yellow' } });
    const viewer = await api.makeKey('viewer');
    expect((await read(jobId, await etagOf(jobId), viewer)).status).toBe(200);
  });

  test('is for HEAD as for GET', async () => {
    const jobId = await submit();
    const headers = { 'if-none-match': await etagOf(jobId) };
    expect((await api.call('HEAD', `/api/jobs/${jobId}`, { headers })).status).toBe(304);
  });
});
