import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import type { Vault } from '../../src/security/encryption/vault.js';
import { OTHER_KEY, testVault, vaultOf } from '../support/encryption.js';
import { startTestApi, type TestApi } from './support.js';

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi();
});
afterEach(() => api.close());

const body = {
  jobName: 'canary-name',
  jobType: 'one-time',
  executionTime: '2099-01-01T00:00:00Z',
  payload: 'canary-payload',
};

test('while the database is away, calls are 503 with when to come again', async () => {
  await api.call('GET', '/api/jobs');
  await api.db.close();
  for (const answer of [
    await api.call('GET', '/api/jobs'),
    await api.call('POST', '/api/jobs', { body }),
    await api.call('DELETE', '/api/jobs/0198c0de-7a1b-7c3d-8e4f-1234567890ab'),
  ]) {
    expect([answer.status, answer.json.code]).toEqual([503, 'unavailable']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  }
});

test('when the database is away, a key that nothing is known of is 503, not 401', async () => {
  const key = await api.makeKey('admin');
  await api.db.close();
  expect((await api.call('GET', '/api/jobs', { key })).status).toBe(503);
});

test('an unexpected error is 500 with a trace id; its cause is in the log and nowhere else, without what was sent', async () => {
  await api.db.query(sql`alter table events add constraint never check (type <> 'job.submitted')`);
  const answer = await api.call('POST', '/api/jobs', { body });
  expect([answer.status, answer.json.code]).toEqual([500, 'internal']);
  expect(answer.text).not.toMatch(/constraint|insert|events|canary/);
  const logged = api.logLines.find((line) => line['traceId'] === answer.json.traceId);
  expect(logged).toMatchObject({
    level: 'error',
    route: '/api/jobs',
    err: { message: expect.stringContaining('never'), code: '23514' },
  });
  expect(JSON.stringify(api.logLines)).not.toContain('canary');
});

test('what is thrown without being an error is a 500, too', async () => {
  jest.spyOn(api.db, 'query').mockRejectedValueOnce('canary');
  const answer = await api.call('GET', '/api/jobs');
  expect(answer.status).toBe(500);
  expect(answer.text + JSON.stringify(api.logLines)).not.toContain('canary');
});

describe('a payload that cannot be opened', () => {
  const failsFor = async (jobId: string) => {
    const answer = await api.call('GET', `/api/jobs/${jobId}`);
    expect([answer.status, answer.json.code]).toEqual([500, 'internal']);
    const logged = api.logLines.find((line) => line['traceId'] === answer.json.traceId);
    expect(answer.text + JSON.stringify(api.logLines)).not.toContain('canary');
    return (logged as { err: { message: string } }).err.message;
  };
  const submit = () => api.submit(body);
  const seal = (jobId: string, vault: Vault) =>
    vault.seal({ projectId: DEFAULT_PROJECT_ID, kind: 'payload', id: jobId }, Buffer.from('"canary"'));
  const put = (jobId: string, sealed: Buffer) =>
    api.db.query(sql`update jobs set payload_sealed = ${sealed} where id = ${jobId}`);

  test('because its key is not there is a 500; the log names the key', async () => {
    const jobId = await submit();
    await put(jobId, seal(jobId, vaultOf(OTHER_KEY)));
    expect(await failsFor(jobId)).toBe(`The payload of ${jobId} is sealed with the key other, which is not there.`);
  });

  test.each(['changed', 'of another job'])('because it is %s is a 500', async (how) => {
    const jobId = await submit();
    const sealed = seal(how === 'changed' ? jobId : await submit(), testVault);
    if (how === 'changed') sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
    await put(jobId, sealed);
    expect(await failsFor(jobId)).toBe(
      `The payload of ${jobId} was changed since it was sealed, or is of another place.`,
    );
  });

  test('keeps nobody from what is not sealed, and a new payload takes its place', async () => {
    const jobId = await submit();
    await put(jobId, Buffer.from('damaged'));
    expect((await api.call('GET', `/api/jobs/${jobId}`, { key: await api.makeKey('viewer') })).status).toBe(200);
    expect((await api.call('GET', `/api/jobs/${jobId}/status`)).status).toBe(200);
    await api.call('PUT', `/api/jobs/${jobId}`, { body: { payload: 'new' } });
    expect((await api.call('GET', `/api/jobs/${jobId}`)).json.payload).toBe('new');
  });
});
