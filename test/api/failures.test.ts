import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { v7 as uuidv7 } from 'uuid';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import type { Place, Vault } from '../../src/security/encryption/vault.js';
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
  /** What the log has of the error, but for its stack. */
  const failsFor = async (jobId: string) => {
    const answer = await api.call('GET', `/api/jobs/${jobId}`);
    expect([answer.status, answer.json.code]).toEqual([500, 'internal']);
    const logged = api.logLines.find((line) => line['traceId'] === answer.json.traceId);
    expect(answer.text + JSON.stringify(api.logLines)).not.toContain('canary');
    const { message, sealed } = (logged as { err: { message: string; sealed?: object } }).err;
    return { message, sealed };
  };
  const submit = () => api.submit(body);
  const seal = (jobId: string, { vault = testVault, ...other }: Partial<Place> & { vault?: Vault } = {}) =>
    vault.seal(
      { projectId: DEFAULT_PROJECT_ID, kind: 'payload', id: jobId, ...other },
      Buffer.from(JSON.stringify('canary '.repeat(4))),
    );
  const put = (jobId: string, sealed: Buffer) =>
    api.db.query(sql`update jobs set payload_sealed = ${sealed} where id = ${jobId}`);

  test('because its key is not there is a 500; the log names the key', async () => {
    const jobId = await submit();
    await put(jobId, seal(jobId, { vault: vaultOf(OTHER_KEY) }));
    expect(await failsFor(jobId)).toEqual({
      message: `The payload of ${jobId} is sealed with the key other, which is not there.`,
      sealed: { table: 'jobs', kind: 'payload', id: jobId, keyId: 'other' },
    });
  });

  const flipLastBit = (sealed: Buffer) =>
    Buffer.from(sealed.map((byte, at) => byte ^ Number(at === sealed.length - 1)));
  const named = { keyId: 'test' };
  const elsewhere = 'was changed since it was sealed, or is of another place';
  const damages: [how: string, sealed: (jobId: string) => Buffer, why: string, key: { keyId?: string }][] = [
    ['is changed', (jobId) => flipLastBit(seal(jobId)), elsewhere, named],
    ['has no tag', (jobId) => seal(jobId).subarray(0, -16), elsewhere, named],
    ['is cut', (jobId) => seal(jobId).subarray(0, 20), 'was cut', named],
    ['is of another job', () => seal(uuidv7()), elsewhere, named],
    ['is of another project', (jobId) => seal(jobId, { projectId: uuidv7() }), elsewhere, named],
    ['is a result', (jobId) => seal(jobId, { kind: 'result' }), elsewhere, named],
    ['is not sealed', () => Buffer.from('"canary"'), 'is not sealed, or was damaged', {}],
    [
      'names a key in bytes that no id has',
      () => Buffer.from('\x01\x07canary\x1b'),
      'is not sealed, or was damaged',
      {},
    ],
  ];
  test.each(damages)('because it %s is a 500; the log says where it stands', async (_how, sealed, why, key) => {
    const jobId = await submit();
    await put(jobId, sealed(jobId));
    expect(await failsFor(jobId)).toEqual({
      message: `The payload of ${jobId} ${why}.`,
      sealed: { table: 'jobs', kind: 'payload', id: jobId, ...key },
    });
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

test('signing keys that cannot be opened are gone once as many were made as a project keeps', async () => {
  await api.call('POST', '/api/signing-keys');
  await api.db.query(sql`update signing_keys set key_sealed = substring(key_sealed for 20)`);
  expect((await api.call('GET', '/api/signing-keys')).status).toBe(500);
  for (let n = 0; n < 5; n++) expect((await api.call('POST', '/api/signing-keys')).status).toBe(201);
  const answer = await api.call('GET', '/api/signing-keys');
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.text)).toHaveLength(5);
});
