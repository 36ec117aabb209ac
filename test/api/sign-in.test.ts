import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { NO_PROJECT_ID } from '../../src/domain/ids.js';
import { openBrowser, type Browser } from '../support/browser.js';
import { AUDIENCE, CLIENT_SECRET, startOidcProvider, type TestProvider } from '../support/oidc.js';
import { eventually } from '../support/eventually.js';
import { startTestApi, type TestApi } from './support.js';

/** Our origin as browsers see it: a proxy in front speaks https. */
const ORIGIN = 'https://carillon.test';
const HOUR_MS = 3_600_000;
/** An account whose name at the provider tells who it is. */
const LOVELACE = 'ada.lovelace@example.com';

let provider: TestProvider;
let api: TestApi;
beforeAll(async () => {
  provider = await startOidcProvider({
    groups: { ada: ['payments'], [LOVELACE]: ['payments'] },
    redirectUrls: [`${ORIGIN}/auth/callback`],
  });
  api = await startSignInApi(provider, { cacheTtlMs: 200 });
});
afterAll(async () => {
  await api.close();
  await provider.close();
});

async function startSignInApi(
  at: Pick<TestProvider, 'issuer'>,
  options: { origin?: string; clientSecret?: string; cacheTtlMs?: number; failedAuthentications?: number } = {},
): Promise<TestApi> {
  const { clientSecret, cacheTtlMs, failedAuthentications, origin = ORIGIN } = options;
  const started = await startTestApi({
    oidc: (url) => ({
      issuer: at.issuer,
      audience: AUDIENCE,
      groupsClaim: 'groups',
      adminGroup: undefined,
      signIn: {
        clientId: clientSecret === undefined ? 'console' : 'confidential',
        clientSecret,
        scope: 'openid',
        publicUrl: origin === 'its own' ? url : origin,
      },
    }),
    ...(cacheTtlMs !== undefined && { cacheTtlMs }),
    ...(failedAuthentications !== undefined && { rateLimits: { failedAuthentications } }),
  });
  const member = { kind: 'group', subject: 'payments', role: 'submitter' };
  expect((await started.call('POST', '/api/members', { body: member })).status).toBe(201);
  return started;
}

const browserFor = (to: TestApi) => openBrowser({ addresses: { [ORIGIN]: to.url } });

async function signedIn(to: TestApi = api, account = 'ada'): Promise<Browser> {
  const returnTo = '/api/me';
  const browser = browserFor(to);
  const form = await browser.visit(`${ORIGIN}/auth/sign-in?returnTo=${encodeURIComponent(returnTo)}`);
  const page = await browser.signInAtProvider(form, account);
  expect([page.url, page.status]).toEqual([`${ORIGIN}${returnTo}`, 200]);
  return browser;
}
const sessionOf = (browser: Browser) => browser.cookies(ORIGIN).get('__Host-carillon-session') ?? '';
const cookieOf = (browser: Browser) => sessionOf(browser).split(';', 1)[0] ?? '';
const statusOf = async (browser: Browser) => (await browser.visit(`${ORIGIN}/api/me`)).status;

test('who signs in comes back to where they wanted to go, with a session that opens their project', async () => {
  const browser = browserFor(api);
  expect(await statusOf(browser)).toBe(401);
  const form = await browser.visit(`${ORIGIN}/auth/sign-in?returnTo=${encodeURIComponent('/api/me?a=1&b=2')}`);
  expect(new URL(form.url).origin).toBe(provider.issuer);
  const page = await browser.signInAtProvider(form, 'ada');
  expect([page.url, page.status]).toEqual([`${ORIGIN}/api/me?a=1&b=2`, 200]);
  const me = JSON.parse(page.text) as { principal: { kind: string; id: string } };
  expect(me).toMatchObject({ principal: { kind: 'user' }, project: { slug: 'default' }, role: 'submitter' });
  const session = await browser.visit(`${ORIGIN}/auth/session`);
  expect(JSON.parse(session.text)).toEqual({ signIn: true, signedIn: true, userId: me.principal.id });
});

test('a client with a secret signs people in as well; groups may come from the userinfo endpoint', async () => {
  const shy = await startOidcProvider({
    groups: { ada: ['payments'] },
    redirectUrls: [`${ORIGIN}/auth/callback`],
    groupsByUserInfoOnly: true,
  });
  const confidential = await startSignInApi(shy, { clientSecret: CLIENT_SECRET });
  const me = await (await signedIn(confidential)).visit(`${ORIGIN}/api/me`);
  expect(JSON.parse(me.text)).toMatchObject({ role: 'submitter' });
  await confidential.close();
  const wrong = await startSignInApi(shy, { clientSecret: 'not the secret' });
  const browser = browserFor(wrong);
  const page = await browser.signInAtProvider(await browser.visit(`${ORIGIN}/auth/sign-in`), 'ada');
  expect([page.status, sessionOf(browser)]).toEqual([400, '']);
  await wrong.close();
  await shy.close();
});

test('the way to the provider has PKCE, state and nonce, new ones each time', async () => {
  const ask = async () => {
    const answer = await api.call('GET', '/auth/sign-in', { key: null });
    expect([answer.status, answer.headers['cache-control']]).toEqual([303, 'no-store']);
    return new URL(answer.headers.location ?? '').searchParams;
  };
  const [one, another] = [await ask(), await ask()];
  expect(one.get('code_challenge_method')).toBe('S256');
  expect(one.get('redirect_uri')).toBe(`${ORIGIN}/auth/callback`);
  for (const name of ['state', 'nonce', 'code_challenge']) {
    expect(one.get(name)?.length).toBeGreaterThanOrEqual(43);
    expect(one.get(name)).not.toBe(another.get(name));
  }
});

test('the cookies are for this host alone, out of the reach of scripts, and the session is never sent from elsewhere', async () => {
  const browser = browserFor(api);
  const form = await browser.visit(`${ORIGIN}/auth/sign-in`);
  expect(browser.cookies(ORIGIN).get('__Host-carillon-sign-in')).toMatch(
    /; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
  );
  await browser.signInAtProvider(form, 'ada');
  expect(sessionOf(browser)).toMatch(/; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/);
  expect([...browser.cookies(ORIGIN).keys()]).toEqual(['__Host-carillon-session']);
});

test('over http on one’s own machine there is a sign-in, too', async () => {
  // The provider has to know the address before there is a server that listens on it.
  const probe = await startSignInApi(provider, { origin: 'its own' });
  const { url } = probe;
  const local = await startOidcProvider({ groups: { ada: ['payments'] }, redirectUrls: [`${url}/auth/callback`] });
  await probe.close();
  const answer = await startSignInApi(local, { origin: url });
  const browser = openBrowser({ addresses: { [url]: answer.url } });
  const page = await browser.signInAtProvider(await browser.visit(`${url}/auth/sign-in?returnTo=/api/me`), 'ada');
  expect([page.url, page.status]).toEqual([`${url}/api/me`, 200]);
  expect(browser.cookies(url).get('carillon-session')).toMatch(/HttpOnly; SameSite=Strict$/);
  await answer.close();
  await local.close();
});

describe('the callback', () => {
  /** The address that the provider sends the browser back to, not yet visited. */
  async function callback(): Promise<{ browser: Browser; url: string }> {
    const browser = openBrowser({ addresses: { [ORIGIN]: api.url }, stopAt: `${ORIGIN}/auth/callback` });
    const back = await browser.signInAtProvider(await browser.visit(`${ORIGIN}/auth/sign-in?returnTo=/api/me`), 'ada');
    return { browser, url: back.url };
  }
  const refused = async (browser: Browser, url: string) => {
    const page = await browser.visit(url, { from: provider.issuer });
    expect([page.status, page.url, sessionOf(browser)]).toEqual([400, url, '']);
  };

  test('answers a page that goes on by itself and can do nothing else', async () => {
    const { browser, url } = await callback();
    const page = await browser.visit(url, { from: provider.issuer, refresh: false });
    expect(page.status).toBe(200);
    expect(page.text).toContain('<meta http-equiv="refresh" content="0;url=/api/me">');
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    // Right after the provider's redirect the session cookie is not sent: hence the page.
    expect((await browser.visit(`${ORIGIN}/api/me`, { from: provider.issuer })).status).toBe(401);
    expect((await browser.visit(`${ORIGIN}/api/me`, { from: ORIGIN })).status).toBe(200);
  });

  test('takes no answer twice', async () => {
    const { browser, url } = await callback();
    const kept = browser.cookies(ORIGIN).get('__Host-carillon-sign-in')?.split(';', 1)[0]?.split('=')[1] ?? '';
    expect((await browser.visit(url, { from: provider.issuer })).status).toBe(200);
    const thief = browserFor(api);
    await refused(thief, url);
    thief.plant(ORIGIN, '__Host-carillon-sign-in', kept);
    await refused(thief, url);
  });

  test('takes no answer to the sign-in of another browser', async () => {
    const [mine, theirs] = [await callback(), await callback()];
    await refused(mine.browser, theirs.url);
  });

  test.each<[string, (url: URL) => void]>([
    ['another state', (url) => url.searchParams.set('state', 'x')],
    ['no state', (url) => url.searchParams.delete('state')],
    ['two states', (url) => url.searchParams.append('state', 'x')],
    ['another code', (url) => url.searchParams.set('code', 'x')],
    ['no code', (url) => url.searchParams.delete('code')],
    ['another issuer', (url) => url.searchParams.set('iss', 'https://other.test')],
    ['an error', (url) => url.searchParams.set('error', 'access_denied')],
  ])('takes no answer with %s', async (_what, change) => {
    const { browser, url } = await callback();
    const changed = new URL(url);
    change(changed);
    await refused(browser, changed.href);
  });

  test.each<[string, (kept: Record<string, string>) => object]>([
    ['another nonce', (kept) => ({ ...kept, nonce: 'x' })],
    ['another code verifier', (kept) => ({ ...kept, codeVerifier: 'x'.repeat(43) })],
    ['a way back to another site', (kept) => ({ ...kept, returnTo: '//evil.test/' })],
    ['nothing', () => ({})],
  ])('takes nothing when the browser kept %s', async (_what, change) => {
    const { browser, url } = await callback();
    const name = '__Host-carillon-sign-in';
    const kept = browser.cookies(ORIGIN).get(name)?.split(';', 1)[0]?.split('=')[1] ?? '';
    const changed = change(JSON.parse(Buffer.from(kept, 'base64url').toString()) as Record<string, string>);
    browser.plant(ORIGIN, name, Buffer.from(JSON.stringify(changed)).toString('base64url'));
    await refused(browser, url);
  });
});

test.each([
  'https://evil.test/',
  '//evil.test/',
  '/\\evil.test/',
  '\\\\evil.test/',
  '/.//evil.test/',
  '/a/..//evil.test',
  '/\t/evil.test/',
  '/\n/evil.test',
  'javascript:alert(1)',
  'jobs',
  '',
  '/auth/sign-in',
  '/x/../auth/sign-in',
  `/${'a'.repeat(3_000)}`,
])('nobody is sent to %j after a sign-in', async (returnTo) => {
  const answer = await api.call('GET', `/auth/sign-in?returnTo=${encodeURIComponent(returnTo)}`, { key: null });
  expect([answer.status, answer.json.errors]).toEqual([
    422,
    [{ parameter: 'returnTo', message: 'must be a path of this server' }],
  ]);
});

test('sign-out ends the session from the answer on, for whoever has a copy of the cookie, too', async () => {
  const browser = await signedIn();
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
  const browser = await signedIn();
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

interface AuditRow {
  actor: string | null;
  action: string;
  outcome: string;
  code: string | null;
  project_id: string;
}
const auditOf = (of: TestApi, action: string) =>
  of.db.query<AuditRow>(sql`select actor, action, outcome, code, project_id from audit where action = ${action}`);

test('sign-ins and sign-outs are in the audit trail, by the id of the user', async () => {
  const browser = await signedIn();
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

test('a session that another replica ended opens nothing when what was read is too old', async () => {
  const browser = await signedIn();
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

test('the database holds nothing that signs anybody in', async () => {
  const browser = await signedIn();
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

test('answers that somebody made up are not asked of the provider without end', async () => {
  const own = await startSignInApi(provider, { failedAuthentications: 2 });
  const kept = { state: 'x', nonce: 'x', codeVerifier: 'x'.repeat(43), returnTo: '/' };
  const cookie = `__Host-carillon-sign-in=${Buffer.from(JSON.stringify(kept)).toString('base64url')}`;
  const callback = () =>
    own.call('GET', `/auth/callback?code=x&state=x&iss=${provider.issuer}`, { key: null, headers: { cookie } });
  const statuses = [await callback(), await callback(), await callback()].map(({ status }) => status);
  expect(statuses).toEqual([400, 400, 429]);
  await eventually(async () => {
    const refused = { actor: null, action: 'signIn', outcome: 'refused', code: 'unauthenticated' };
    const entry = { ...refused, project_id: NO_PROJECT_ID };
    expect(await auditOf(own, 'signIn')).toEqual([entry, entry]);
  });
  // Cookies that are no session count among them; whose was let in before is let in still.
  expect((await own.call('GET', '/api/me', { key: null, headers: { cookie: sessionCookieOf('a') } })).status).toBe(429);
  expect((await own.call('GET', '/api/jobs')).status).toBe(200);
  await own.close();
});
const sessionCookieOf = (letter: string) => `__Host-carillon-session=${letter.repeat(43)}`;

describe('with a session', () => {
  const job = { jobName: 'x', jobType: 'recurring', frequency: 'daily' };
  const submit = async (headers: Record<string, string>) => {
    const cookie = cookieOf(await signedIn());
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
    const browser = await signedIn();
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
    const cookie = cookieOf(await signedIn());
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
    const cookie = cookieOf(await signedIn());
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

test('the pages of the sign-in are public by their exact path and method, and nothing beside them', async () => {
  for (const path of [
    '/auth',
    '/auth/',
    '/auth/sign-in/',
    '/auth//sign-in',
    '/AUTH/session',
    '/auth/session;x',
    '/auth/x',
  ]) {
    expect([path, (await api.call('GET', path, { key: null })).status]).toEqual([path, 401]);
  }
  for (const [method, path] of [
    ['POST', '/auth/sign-in'],
    ['HEAD', '/auth/callback'],
    ['GET', '/auth/sign-out'],
    ['DELETE', '/auth/session'],
  ] as const) {
    expect([path, (await api.call(method, path, { key: null })).status]).toEqual([path, 405]);
  }
});

test('while the provider is away a sign-in is 503, and sessions go on', async () => {
  const mortal = await startOidcProvider({ groups: { ada: ['payments'] }, redirectUrls: [`${ORIGIN}/auth/callback`] });
  const own = await startSignInApi(mortal);
  const browser = await signedIn(own);
  await mortal.close();
  expect(await statusOf(browser)).toBe(200);
  await own.close();
  const later = await startSignInApi(mortal);
  const answer = await later.call('GET', '/auth/sign-in', { key: null });
  expect([answer.status, answer.json.code]).toEqual([503, 'unavailable']);
  const callback = await later.call('GET', '/auth/callback?code=x&state=y', { key: null });
  expect(callback.status).toBe(400);
  await later.close();
});

test('without a provider there is no sign-in, and the console can tell', async () => {
  const bare = await startTestApi();
  const session = await bare.call('GET', '/auth/session', { key: null });
  expect([session.status, session.json]).toEqual([200, { signIn: false, signedIn: false }]);
  expect((await bare.call('GET', '/auth/sign-in', { key: null })).status).toBe(404);
  const cookie = `carillon-session=${'a'.repeat(43)}; __Host-carillon-session=${'a'.repeat(43)}`;
  expect((await bare.call('GET', '/api/me', { key: null, headers: { cookie } })).status).toBe(401);
  await bare.close();
});
