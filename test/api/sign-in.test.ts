import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NO_PROJECT_ID } from '../../src/domain/ids.js';
import { openBrowser, type Browser } from '../support/browser.js';
import { CLIENT_SECRET, startOidcProvider, type TestProvider } from '../support/oidc.js';
import { eventually } from '../support/eventually.js';
import {
  auditOf,
  browserFor,
  ORIGIN,
  sessionOf,
  signedIn,
  startSignInApi,
  startSignInProvider,
  statusOf,
} from './sign-in-support.js';
import { startTestApi, type TestApi } from './support.js';

/** The sign-in and its callback. What a session then opens is in sessions.test.ts. */

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
