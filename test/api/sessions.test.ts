import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import type { TestProvider } from '../support/oidc.js';
import { eventually } from '../support/eventually.js';
import {
  auditOf,
  cookieOf,
  ORIGIN,
  sessionOf,
  signedIn,
  startSignInApi,
  startSignInProvider,
  statusOf,
} from './sign-in-support.js';
import type { TestApi } from './support.js';

/** How long a session lives, what ends it, and what a browser with one may do. */

const HOUR_MS = 3_600_000;

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

test('sign-out ends the session from the answer on, for whoever has a copy of the cookie, too', async () => {
  const browser = await signedIn(api);
  const copy = cookieOf(browser);
  const withCopy = () => api.call('GET', '/api/me', { key: null, headers: { cookie: copy } });
  expect((await withCopy()).status).toBe(200);
  const out = await browser.send('POST', `${ORIGIN}/auth/sign-out`, { from: ORIGIN });
  expect([out.status, sessionOf(browser)]).toEqual([200, '']);
  expect((await withCopy()).status).toBe(401);
  expect(JSON.parse((await browser.visit(`${ORIGIN}/auth/session`)).text)).toEqual({ signIn: true, signedIn: false });
  expect((await browser.send('POST', `${ORIGIN}/auth/sign-out`, { from: ORIGIN })).status).toBe(200);
});

test('a sign-out tells where the provider forgets the browser, too: it then asks anew who signs in', async () => {
  const browser = await signedIn(api);
  const out = await browser.send('POST', `${ORIGIN}/auth/sign-out`, { from: ORIGIN });
  // Until then, the provider still knows the browser.
  expect((await browser.visit(`${ORIGIN}/auth/sign-in?returnTo=/api/me`)).url).toBe(`${ORIGIN}/api/me`);
  const { endSessionUrl } = JSON.parse(out.text) as { endSessionUrl: string };
  expect(new URL(endSessionUrl).origin).toBe(provider.issuer);
  const done = await browser.submit(await browser.visit(endSessionUrl), { logout: 'yes' });
  expect(done.status).toBe(200);
  const form = await browser.visit(`${ORIGIN}/auth/sign-in?returnTo=/api/me`);
  expect(new URL(form.url).origin).toBe(provider.issuer);
});

test('a session that another replica ended opens nothing when what was read is too old', async () => {
  const browser = await signedIn(api);
  expect(await statusOf(browser)).toBe(200);
  await api.db.query(sql`delete from sessions`);
  await eventually(async () => expect(await statusOf(browser)).toBe(401));
});

test('a session ends when it was not used for two hours, and twelve hours after the sign-in at the latest', async () => {
  const own = await startSignInApi(provider, { cacheTtlMs: 1 });
  const idle = await signedIn(own);
  own.advance(2 * HOUR_MS - 60_000);
  expect(await statusOf(idle)).toBe(200);
  own.advance(2 * HOUR_MS + 1_000);
  expect(await statusOf(idle)).toBe(401);

  const busy = await signedIn(own);
  for (let hour = 1; hour < 12; hour += 1) {
    own.advance(HOUR_MS);
    expect([hour, await statusOf(busy)]).toEqual([hour, 200]);
  }
  own.advance(HOUR_MS);
  expect(await statusOf(busy)).toBe(401);
  await signedIn(own);
  const [left] = await own.db.query<{ count: number }>(sql`select count(*)::int as count from sessions`);
  expect(left?.count).toBeLessThan(3);
  await own.close();
});

describe('with a session', () => {
  const job = { jobName: 'x', jobType: 'recurring', frequency: 'daily' };
  const submit = async (headers: Record<string, string>) => {
    const cookie = cookieOf(await signedIn(api));
    return (await api.call('POST', '/api/jobs', { key: null, body: job, headers: { cookie, ...headers } })).status;
  };

  test.each<[number, Record<string, string>]>([
    [201, { origin: ORIGIN }],
    [201, { origin: ORIGIN, 'sec-fetch-site': 'same-origin' }],
    [201, { 'sec-fetch-site': 'same-origin' }],
    [403, {}],
    [403, { origin: 'https://evil.test' }],
    [403, { origin: 'https://evil.test', 'sec-fetch-site': 'same-origin' }],
    [403, { origin: 'null' }],
    [403, { origin: 'http://carillon.test' }],
    [403, { origin: `${ORIGIN}.evil.test` }],
    [403, { origin: `${ORIGIN}:8443` }],
    [403, { 'sec-fetch-site': 'same-site' }],
    [403, { 'sec-fetch-site': 'cross-site' }],
    [403, { 'sec-fetch-site': 'none' }],
  ])('a change is %i with %j', async (status, headers) => {
    expect(await submit(headers)).toBe(status);
  });

  test('neither a change nor a sign-out is taken from another site', async () => {
    const browser = await signedIn(api);
    for (const [method, path] of [
      ['POST', '/auth/sign-out'],
      ['DELETE', '/api/jobs/0198c0de-7a1b-7c3d-8e4f-1234567890ab'],
    ] as const) {
      const cookie = cookieOf(browser);
      const headers = { cookie, origin: 'https://evil.test' };
      expect([path, (await api.call(method, path, { key: null, headers })).status]).toEqual([path, 403]);
    }
    expect(await statusOf(browser)).toBe(200);
    await eventually(async () => {
      expect(await auditOf(api, 'signOut')).toContainEqual(
        expect.objectContaining({ outcome: 'refused', code: 'forbidden', actor: null }),
      );
    });
  });

  test('a request that brings a key, too, counts by the key alone', async () => {
    const cookie = cookieOf(await signedIn(api));
    const viewer = await api.makeKey('viewer');
    const me = await api.call('GET', '/api/me', { key: viewer, headers: { cookie } });
    expect(me.json).toMatchObject({ principal: { kind: 'key' }, role: 'viewer' });
    const wrong = await api.call('GET', '/api/me', { key: `${viewer.slice(0, -2)}xx`, headers: { cookie } });
    expect(wrong.status).toBe(401);
    const basic = await api.call('GET', '/api/me', { key: null, headers: { cookie, authorization: 'Basic eDp5' } });
    expect(basic.status).toBe(401);
    const admin = await api.makeKey('admin');
    expect((await api.call('POST', '/api/jobs', { key: admin, body: job, headers: { cookie } })).status).toBe(201);
  });

  test('cookies that are no session, or two of them, open nothing', async () => {
    const cookie = cookieOf(await signedIn(api));
    for (const given of [
      'x=y',
      '__Host-carillon-session=',
      `__Host-carillon-session=${'a'.repeat(43)}`,
      `__Host-carillon-session='; drop table sessions; --`,
      `${cookie}; __Host-carillon-session=x`,
      cookie.replace('__Host-', ''),
      cookie.toLowerCase(),
    ]) {
      expect([given, (await api.call('GET', '/api/me', { key: null, headers: { cookie: given } })).status]).toEqual([
        given,
        401,
      ]);
    }
    const both = await api.call('GET', '/api/me', { key: null, headers: { cookie: `a=b; ${cookie};c=d` } });
    expect(both.status).toBe(200);
  });
});
