import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import type { Endpoint } from '../../src/contract/endpoint.js';
import { endpoints } from '../../src/contract/endpoints.js';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import { openDatabase } from '../../src/store/database.js';
import { forgetCalls, tryLockCall } from '../../src/store/idempotent-calls.js';
import { eventually } from '../support/eventually.js';
import { OTHER_PROJECT_ID, startTestApi, type Answer, type CallOptions, type TestApi } from './support.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const DAY_MS = 86_400_000;
const job = (fields: Record<string, unknown> = {}) => ({
  ...{ jobName: 'Report', jobType: 'one-time', executionTime: '2099-01-01T00:00:00Z' },
  ...fields,
});
let keys = 0;
const newKey = () => `test-${(keys += 1)}`;

function post(path: string, key: string, options: CallOptions = {}): Promise<Answer> {
  return api.call('POST', path, { ...options, headers: { 'idempotency-key': key, ...options.headers } });
}
const submit = (key: string, fields = {}, options: CallOptions = {}) =>
  post('/api/jobs', key, { body: job(fields), ...options });

async function countJobs(name: string): Promise<number> {
  const [row] = await api.db.query<{ count: number }>(
    sql`select count(*)::int as count from jobs where name = ${name}`,
  );
  return row?.count ?? 0;
}
const keptCalls = () => api.db.query<{ key: string }>(sql`select * from idempotent_calls`);

test('the same key and body are answered as the first time, and done once', async () => {
  const key = newKey();
  const before = api.commits();
  const first = await submit(key, { jobName: 'once' });
  const again = await submit(key, { jobName: 'once' });
  expect(first.status).toBe(201);
  expect(first.headers).not.toHaveProperty('idempotency-replayed');
  expect([again.status, again.text, again.headers.location]).toEqual([201, first.text, first.headers.location]);
  expect(again.headers).toMatchObject({ 'idempotency-replayed': 'true', 'cache-control': 'no-store' });
  expect(again.headers['content-type']).toBe(first.headers['content-type']);
  expect([await countJobs('once'), api.commits() - before]).toEqual([1, 1]);
});

test('without a key the same body is another job each time', async () => {
  for (let time = 0; time < 2; time++) await api.submit({ jobName: 'twice' });
  expect(await countJobs('twice')).toBe(2);
});

describe('200 requests at once with one key', () => {
  async function expectOneJob(answers: Answer[], key: string, jobName: string): Promise<void> {
    expect(await countJobs(jobName)).toBe(1);
    const done = answers.filter(({ status }) => status === 201);
    expect(new Set(done.map(({ text }) => text)).size).toBe(1);
    for (const { json, headers } of answers.filter(({ status }) => status !== 201)) {
      expect([json.code, headers['retry-after']]).toEqual(['idempotency_in_progress', '1']);
    }
    expect((await submit(key, { jobName })).text).toBe(done[0]?.text);
  }

  test('make one job', async () => {
    // All connections are open, so that the first are really under way at once.
    await Promise.all(Array.from({ length: 5 }, () => api.db.query(sql`select pg_sleep(0.1)`)));
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 200 }, () => submit(key, { jobName: 'crowd' })));
    await expectOneJob(answers, key, 'crowd');
  });

  test('make one job, also while the first of them takes its time', async () => {
    const key = newKey();
    const other = openDatabase({ url: api.databaseUrl, maxConnections: 1, applicationName: 'another' });
    let answered = 0;
    const asked = await other.transaction(async (tx) => {
      await tx.query(sql`lock table jobs in access exclusive mode`);
      const requests = Array.from({ length: 200 }, () =>
        submit(key, { jobName: 'slow' }).finally(() => (answered += 1)),
      );
      await eventually(() => expect(answered).toBe(199));
      return { requests };
    });
    await expectOneJob(await Promise.all(asked.requests), key, 'slow');
    await other.close();
  });
});

test.each([
  ['body', '/api/jobs/import', '0 9 * * * curl https://example.com/b'],
  ['query', '/api/jobs/import?dryRun=true', '0 9 * * * curl https://example.com/a'],
])('another %s under the same key is refused, and changes nothing', async (_, path, raw) => {
  const key = newKey();
  const headers = { 'content-type': 'text/plain' };
  const first = await post('/api/jobs/import', key, { raw: '0 9 * * * curl https://example.com/a', headers });
  expect(first.status).toBe(200);
  const before = api.commits();
  const other = await post(path, key, { raw, headers });
  expect([other.status, other.json.code]).toEqual([422, 'idempotency_key_reused']);
  expect(api.commits()).toBe(before);
});

test('a key belongs to who calls, their project and the call: for others it is a new one', async () => {
  const key = newKey();
  await submit(key, { jobName: 'shared' });
  const colleague = await api.makeKey('submitter');
  const stranger = await api.makeKey('submitter', { projectId: OTHER_PROJECT_ID });
  for (const caller of [colleague, stranger]) {
    const answer = await submit(key, { jobName: 'shared' }, { key: caller });
    expect([answer.status, answer.headers['idempotency-replayed']]).toEqual([201, undefined]);
  }
  expect(await countJobs('shared')).toBe(3);
  const [one, two] = [await api.submit(), await api.submit()];
  const runs = [await post(`/api/jobs/${one}/run`, key), await post(`/api/jobs/${two}/run`, key)];
  expect(runs.map(({ json }) => json.jobId)).toEqual([one, two]);
});

test('a request whose first is not answered yet is 409, and says when to ask again', async () => {
  const key = newKey();
  const { json: me } = await api.call('GET', '/api/me');
  const principal = (me as unknown as { principal: { id: string } }).principal.id;
  await api.db.transaction(async (tx) => {
    await tryLockCall(tx, { projectId: DEFAULT_PROJECT_ID, principal, call: 'POST /api/jobs', key });
    const answer = await submit(key, { jobName: 'busy' });
    expect([answer.status, answer.json.code, answer.headers['retry-after']]).toEqual([
      409,
      'idempotency_in_progress',
      '1',
    ]);
  });
  expect((await submit(key, { jobName: 'busy' })).status).toBe(201);
});

test('a server that dies while it answers leaves neither job nor key: the next request does it', async () => {
  const key = newKey();
  const other = openDatabase({ url: api.databaseUrl, maxConnections: 2, applicationName: 'another' });
  let first: Promise<Answer> | undefined;
  await other.transaction(async (tx) => {
    await tx.query(sql`lock table jobs in access exclusive mode`);
    first = submit(key, { jobName: 'killed' });
    await eventually(async () => {
      const waiting = await other.query<{ pid: number }>(
        sql`select pid from pg_stat_activity where datname = current_database() and application_name = 'test'
          and wait_event_type = 'Lock' and query like '%insert into jobs%'`,
      );
      expect(waiting).toHaveLength(1);
      await other.query(sql`select pg_terminate_backend(${waiting[0]?.pid})`);
    });
  });
  expect((await first)?.status).toBe(503);
  await other.close();
  expect(await countJobs('killed')).toBe(0);
  const again = await submit(key, { jobName: 'killed' });
  expect([again.status, again.headers['idempotency-replayed']]).toEqual([201, undefined]);
  expect(await countJobs('killed')).toBe(1);
});

test('what could not be kept is not done: both are one commit', async () => {
  await api.db.query(sql`create function refuse_commit() returns trigger language plpgsql as
    $$ begin raise exception 'no'; end $$`);
  await api.db.query(sql`create constraint trigger refuse_commit after insert on idempotent_calls
    deferrable initially deferred for each row when (new.key = 'doomed') execute function refuse_commit()`);
  const before = api.commits();
  expect((await submit('doomed', { jobName: 'doomed' })).status).toBe(500);
  expect([await countJobs('doomed'), api.commits() - before]).toEqual([0, 0]);
  await api.db.query(sql`drop function refuse_commit() cascade`);
  expect((await submit('doomed', { jobName: 'doomed' })).status).toBe(201);
});

test('a refusal by what the call is about is answered again, too, also when it would be done by now', async () => {
  const jobId = await api.submit({ jobType: 'recurring', executionTime: undefined, frequency: 'daily' });
  const key = newKey();
  const first = await post(`/api/jobs/${jobId}/resume`, key);
  expect([first.status, first.json.code]).toEqual([409, 'conflict']);
  await api.call('POST', `/api/jobs/${jobId}/pause`);
  const again = await post(`/api/jobs/${jobId}/resume`, key);
  expect([again.status, again.text]).toEqual([409, first.text]);
  expect(again.headers['content-type']).toMatch('application/problem+json');
  expect((await post(`/api/jobs/${jobId}/resume`, newKey())).status).toBe(200);
});

test('a request that was not valid has not used its key up', async () => {
  const key = newKey();
  expect((await submit(key, { jobName: '' })).status).toBe(422);
  expect((await submit(key, { jobName: 'mended' })).status).toBe(201);
});

test('whoever may call no more gets no answer of before', async () => {
  const key = newKey();
  const submitter = await api.makeKey('submitter');
  expect((await submit(key, {}, { key: submitter })).status).toBe(201);
  await api.call('DELETE', `/api/keys/${/carillon_(\w+)\./.exec(submitter)?.[1]}`);
  expect((await submit(key, {}, { key: submitter })).status).toBe(401);
});

describe('a secret that is shown once', () => {
  test.each(['/api/keys', '/api/signing-keys'])('is not kept, and not shown again: POST %s', async (path) => {
    const key = newKey();
    const options = path === '/api/keys' ? { body: { name: 'Billing', role: 'viewer' } } : {};
    const first = await post(path, key, options);
    expect(first.status).toBe(201);
    const { keyId, key: secret } = first.json as unknown as { keyId: string; key: string };
    const again = await post(path, key, options);
    expect([again.status, again.json.code]).toEqual([409, 'idempotency_answer_not_kept']);
    expect(again.json.detail).toContain(keyId);
    expect(secret.length).toBeGreaterThan(20);
    expect(JSON.stringify(await keptCalls())).not.toContain(secret.slice(-20));
    const listed = (await api.call('GET', path)).list as unknown as { keyId: string; name?: string }[];
    expect(listed.filter((one) => one.keyId === keyId || one.name === 'Billing')).toHaveLength(1);
  });

  test('is known to the table of endpoints wherever an answer has one', () => {
    for (const [name, { method, ok }] of Object.entries<Endpoint>(endpoints)) {
      const fields = Object.keys((ok.schema as { shape?: object }).shape ?? {});
      const hasSecret = method === 'post' && fields.some((field) => /^(key|secret|token|password)$/i.test(field));
      expect({ name, shownOnce: ok.shownOnce !== undefined }).toEqual({ name, shownOnce: hasSecret });
    }
  });
});

test('an answer is kept for a day, then its key is free and its record goes', async () => {
  const [old, young] = [newKey(), newKey()];
  const first = await submit(old);
  api.advance(DAY_MS - 60_000);
  expect((await submit(old)).text).toBe(first.text);
  await submit(young);
  api.advance(120_000);
  const removed = await forgetCalls(api.db, Date.now() + DAY_MS + 60_000);
  expect(removed).toBeGreaterThan(0);
  const kept = new Set((await keptCalls()).map(({ key }) => key));
  expect([kept.has(old), kept.has(young)]).toEqual([false, true]);
  const second = await submit(old);
  expect(second.json.jobId).not.toBe(first.json.jobId);
  expect((await submit(old)).text).toBe(second.text);
});

test('a key whose time is over is taken anew, also before its record has gone', async () => {
  const key = newKey();
  const first = await submit(key);
  api.advance(DAY_MS + 1_000);
  const second = await submit(key, { jobName: 'Another' });
  expect([second.status, second.json.jobId === first.json.jobId]).toEqual([201, false]);
});

test.each([
  ['with a space', 'a b'],
  ['too long', 'x'.repeat(256)],
  ['not ASCII', 'sch\u00f6n'],
])('a key that is %s is refused by name: 400', async (_, key) => {
  const { status, json } = await submit(key);
  expect([status, json.errors[0]?.parameter]).toEqual([400, 'Idempotency-Key']);
});

test('a key of 255 characters is taken', async () => {
  expect((await submit('~'.repeat(255))).status).toBe(201);
});

test('every POST of the table heeds the key', async () => {
  const admin = await api.makeKey('admin', { isInstanceAdmin: true });
  for (const [name, endpoint] of Object.entries<Endpoint>(endpoints)) {
    if (endpoint.method !== 'post') continue;
    const jobId = await api.submit({ jobType: 'recurring', executionTime: undefined, frequency: 'daily' });
    const path = endpoint.path
      .replace(':keyId', 'aaaaaaaaaaaaaaaa')
      .replace(':projectId', OTHER_PROJECT_ID)
      .replaceAll(/:\w+/g, jobId);
    const body = endpoint.examples?.body;
    const given =
      typeof body === 'string' ? { raw: body, headers: { 'content-type': endpoint.bodyType ?? '' } } : { body };
    const key = newKey();
    const first = await post(path, key, { ...given, key: admin });
    const again = await post(path, key, { ...given, key: admin });
    const isSecret = endpoint.ok.shownOnce !== undefined && first.status < 400;
    expect([name, again.status, again.headers['idempotency-replayed'], again.text === first.text]).toEqual([
      name,
      ...(isSecret ? [409, undefined, false] : [first.status, 'true', true]),
    ]);
  }
});
