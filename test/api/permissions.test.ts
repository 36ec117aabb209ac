import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from './support.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

test('whoever may not submit cannot give a run a payload of its own', async () => {
  const jobId = await api.submit();
  const operator = await api.makeKey('operator');
  const refused = await api.call('POST', `/api/jobs/${jobId}/run`, { key: operator, body: { payload: 1 } });
  expect([refused.status, refused.json.code]).toEqual([403, 'forbidden']);
  const submitter = await api.makeKey('submitter');
  expect((await api.call('POST', `/api/jobs/${jobId}/run`, { key: submitter, body: { payload: 1 } })).status).toBe(202);
});

test('a payload is shown only to those who may read payloads', async () => {
  const jobId = await api.submit({ payload: { canary: 'yellow' } });
  expect((await api.call('GET', `/api/jobs/${jobId}`)).json.payload).toEqual({ canary: 'yellow' });
  for (const role of ['viewer', 'operator'] as const) {
    const answer = await api.call('GET', `/api/jobs/${jobId}`, { key: await api.makeKey(role) });
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('yellow');
  }
});
