import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { NO_PROJECT_ID } from '../../src/domain/ids.js';
import type { TestProvider } from '../support/oidc.js';
import {
  auditOf,
  browserFor,
  cookieOf,
  LOVELACE,
  ORIGIN,
  sessionOf,
  signedIn,
  startSignInApi,
  startSignInProvider,
} from './sign-in-support.js';
import type { TestApi } from './support.js';

/** What the database, the logs and the audit trail tell of sign-ins. */

let provider: TestProvider;
let api: TestApi;
beforeAll(async () => {
  provider = await startSignInProvider();
  api = await startSignInApi(provider, { cacheTtlMs: 200 });
});
afterAll(async () => {
  await api.close();
  await provider.close();
});

test('sign-ins and sign-outs are in the audit trail, by the id of the user', async () => {
  const browser = await signedIn(api);
  const { userId } = JSON.parse((await browser.visit(`${ORIGIN}/auth/session`)).text) as { userId: string };
  const signOut = () => browser.send('POST', `${ORIGIN}/auth/sign-out`, { from: ORIGIN });
  const done = { actor: userId, outcome: 'done', code: null, project_id: NO_PROJECT_ID };
  expect(await auditOf(api, 'signIn')).toContainEqual({ ...done, action: 'signIn' });
  const before = (await auditOf(api, 'signOut')).length;
  await signOut();
  // Of a session that has ended nothing changes.
  await signOut();
  const entries = await auditOf(api, 'signOut');
  expect(entries.slice(before)).toEqual([{ ...done, action: 'signOut' }]);
});

test('no session begins that the audit trail does not tell of', async () => {
  const own = await startSignInApi(provider);
  await own.db.query(sql`alter table audit rename to elsewhere`);
  const browser = browserFor(own);
  const page = await browser.signInAtProvider(await browser.visit(`${ORIGIN}/auth/sign-in`), 'ada');
  expect([page.status, sessionOf(browser)]).toEqual([500, '']);
  expect(await own.db.query(sql`select 1 from sessions`)).toEqual([]);
  await own.close();
});

test('nothing that tells who signed in gets into logs, events or the audit trail', async () => {
  const browser = await signedIn(api, LOVELACE);
  const session = JSON.parse((await browser.visit(`${ORIGIN}/auth/session`)).text) as { userId: string };
  const headers = { cookie: cookieOf(browser), origin: ORIGIN };
  const body = { jobName: 'Report', jobType: 'recurring', frequency: 'daily' };
  const submitted = await api.call('POST', '/api/jobs', { key: null, body, headers });
  expect(submitted.status).toBe(201);
  const member = { kind: 'user', subject: LOVELACE, role: 'operator' };
  expect((await api.call('POST', '/api/members', { body: member })).status).toBe(201);
  await browser.send('POST', `${ORIGIN}/auth/sign-out`, { from: ORIGIN });
  const written = JSON.stringify([
    api.logLines,
    await api.db.query(sql`select * from events`),
    await api.db.query(sql`select * from audit`),
    await api.db.query(sql`select * from jobs`),
  ]);
  expect(written).toContain(session.userId);
  expect(written).not.toMatch(/lovelace/i);
});

test('the database holds nothing that signs anybody in', async () => {
  const browser = await signedIn(api);
  const id = cookieOf(browser).split('=')[1] ?? '';
  expect(id).toMatch(/^[\w-]{43}$/);
  const rows = await api.db.query(
    sql`select encode(id_hash, 'base64') as base64, to_jsonb(sessions) as row from sessions`,
  );
  expect(rows.length).toBeGreaterThan(0);
  const text = JSON.stringify(rows);
  expect(text).not.toContain(id);
  expect(text).not.toContain(Buffer.from(id, 'base64url').toString('hex'));
  expect(JSON.stringify(api.logLines)).not.toContain(id);
});
