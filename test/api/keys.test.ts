import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { startTestApi, OTHER_PROJECT_ID, type Answer, type TestApi } from './support.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

interface MadeKey {
  keyId: string;
  key: string;
  role: string;
  instanceAdmin: boolean;
  expiresAt?: string;
  revokedAt?: string;
  createdBy?: string;
}
const keyOf = (answer: Answer) => answer.json as unknown as MadeKey;
const keysOf = (answer: Answer) => answer.list as unknown as MadeKey[];

async function makeKey(fields: Record<string, unknown> = {}): Promise<MadeKey> {
  const answer = await api.call('POST', '/api/keys', { body: { name: 'Billing', role: 'viewer', ...fields } });
  expect(answer.status).toBe(201);
  return keyOf(answer);
}
const meOf = (key: string) => api.call('GET', '/api/me', { key });

test('a key that is made opens its project with its role, and is never shown again', async () => {
  const made = await makeKey({ role: 'operator' });
  const me = await meOf(made.key);
  expect(me.json).toMatchObject({
    principal: { kind: 'key', id: made.keyId },
    project: { slug: 'default' },
    role: 'operator',
    instanceAdmin: false,
    permissions: ['job:read', 'job:operate'],
  });
  const list = await api.call('GET', '/api/keys');
  expect(keysOf(list).map((key) => key.keyId)).toContain(made.keyId);
  expect(list.text).not.toContain(made.key.split('.')[1]);
  const stored = await api.db.query(sql`select to_jsonb(api_keys)::text as row from api_keys where id = ${made.keyId}`);
  expect(JSON.stringify(stored)).not.toContain(made.key.split('.')[1]);
});

test('a revoked key opens nothing, from the answer on', async () => {
  const made = await makeKey();
  expect((await meOf(made.key)).status).toBe(200);
  const revoked = await api.call('DELETE', `/api/keys/${made.keyId}`);
  expect([revoked.status, typeof keyOf(revoked).revokedAt]).toEqual([200, 'string']);
  expect((await meOf(made.key)).status).toBe(401);
  const again = await api.call('DELETE', `/api/keys/${made.keyId}`);
  expect([again.status, keyOf(again).revokedAt]).toEqual([200, keyOf(revoked).revokedAt]);
});

test('a rotated key can still be used for the overlap, and no longer', async () => {
  const old = await makeKey({ role: 'submitter' });
  const answer = await api.call('POST', `/api/keys/${old.keyId}/rotate`, { body: { overlap: 'PT1H' } });
  expect([answer.status, keyOf(answer).role]).toEqual([201, 'submitter']);
  expect([(await meOf(old.key)).status, (await meOf(keyOf(answer).key)).status]).toEqual([200, 200]);
  api.advance(3_600_000);
  expect([(await meOf(old.key)).status, (await meOf(keyOf(answer).key)).status]).toEqual([401, 200]);
  const again = await api.call('POST', `/api/keys/${old.keyId}/rotate`);
  expect([again.status, again.json.code]).toEqual([409, 'conflict']);
});

test('a key expires at its instant', async () => {
  const expiresAt = new Date(Date.now() + 86_400_000 * 365).toISOString();
  const made = await makeKey({ expiresAt });
  expect(made.expiresAt).toBe(expiresAt);
  const past = await api.call('POST', '/api/keys', {
    body: { name: 'x', role: 'viewer', expiresAt: '2020-01-01T00:00:00Z' },
  });
  expect([past.status, past.json.errors]).toEqual([422, [{ pointer: '/expiresAt', message: 'must be in the future' }]]);
});

test.each([
  [{ name: 'x', role: 'root' }, '/role'],
  [{ role: 'viewer' }, '/name'],
  [{ name: 'x', role: 'viewer', instanceAdmin: true }, '/instanceAdmin'],
  [{ name: 'x', role: 'viewer', projectId: OTHER_PROJECT_ID }, '/projectId'],
])('a key is not made of %j', async (body, pointer) => {
  const answer = await api.call('POST', '/api/keys', { body });
  expect([answer.status, answer.json.errors.map((one) => one.pointer)]).toEqual([422, [pointer]]);
});

test("another project's key is as one that there is not", async () => {
  const other = await api.makeKey('admin', { projectId: OTHER_PROJECT_ID });
  const made = await makeKey();
  const unknown = 'aaaaaaaaaaaaaaaa';
  for (const [method, suffix] of [
    ['DELETE', ''],
    ['POST', '/rotate'],
  ] as const) {
    const theirs = await api.call(method, `/api/keys/${made.keyId}${suffix}`, { key: other });
    const none = await api.call(method, `/api/keys/${unknown}${suffix}`, { key: other });
    expect([theirs.status, theirs.json.code]).toEqual([404, 'key_not_found']);
    expect(theirs.json.detail.replace(made.keyId, unknown)).toBe(none.json.detail);
  }
  expect((await meOf(made.key)).status).toBe(200);
  expect(keysOf(await api.call('GET', '/api/keys', { key: other })).map((key) => key.keyId)).not.toContain(made.keyId);
});

test('an admin of the project cannot take or end the key of an instance admin', async () => {
  const admin = await api.makeKey('admin');
  const instance = await api.makeKey('admin', { isInstanceAdmin: true });
  const id = instance.slice('carillon_'.length, 'carillon_'.length + 16);
  for (const [method, path] of [
    ['POST', `/api/keys/${id}/rotate`],
    ['DELETE', `/api/keys/${id}`],
  ] as const) {
    expect((await api.call(method, path, { key: admin })).status).toBe(403);
  }
  const rotated = await api.call('POST', `/api/keys/${id}/rotate`, { key: instance });
  expect([rotated.status, keyOf(rotated).instanceAdmin]).toEqual([201, true]);
});

test('an instance admin makes a project and its first key, which sees that project only', async () => {
  const instance = await api.makeKey('admin', { isInstanceAdmin: true });
  const made = await api.call('POST', '/api/projects', { key: instance, body: { slug: 'billing' } });
  const project = made.json as unknown as { projectId: string; slug: string; name: string };
  expect([made.status, project.slug, project.name]).toEqual([201, 'billing', 'billing']);
  expect((await api.call('POST', '/api/projects', { key: instance, body: { slug: 'billing' } })).status).toBe(409);
  const first = await api.call('POST', `/api/projects/${project.projectId}/keys`, {
    key: instance,
    body: { name: 'First', role: 'admin' },
  });
  expect((await meOf(keyOf(first).key)).json).toMatchObject({ project: { slug: 'billing' }, instanceAdmin: false });
  const jobId = await api.submit({}, keyOf(first).key);
  expect((await api.call('GET', `/api/jobs/${jobId}`, { key: instance })).status).toBe(404);
  const nowhere = '0198c0de-7a1b-7c3d-8e4f-1234567890ab';
  const missing = await api.call('POST', `/api/projects/${nowhere}/keys`, {
    key: instance,
    body: { name: 'First', role: 'admin' },
  });
  expect([missing.status, missing.json.code]).toEqual([404, 'project_not_found']);
});

test('when a key was used last is written down', async () => {
  const made = await makeKey();
  await meOf(made.key);
  await api.writeKeyUse();
  const list = keysOf(await api.call('GET', '/api/keys')) as { keyId: string; lastUsedAt?: string }[];
  expect(list.find((key) => key.keyId === made.keyId)?.lastUsedAt).toBeDefined();
});
