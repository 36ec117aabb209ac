import { expect } from '@jest/globals';
import sql from 'sql-template-tag';
import { openBrowser, type Browser } from '../support/browser.js';
import { AUDIENCE, startOidcProvider, type TestProvider } from '../support/oidc.js';
import { startTestApi, type TestApi } from './support.js';

/** Our origin as browsers see it: a proxy in front speaks https. */
export const ORIGIN = 'https://carillon.test';
/** An account whose name at the provider tells who it is. */
export const LOVELACE = 'ada.lovelace@example.com';

/** A provider at which Ada signs in, by either of her accounts. */
export function startSignInProvider(): Promise<TestProvider> {
  return startOidcProvider({
    groups: { ada: ['payments'], [LOVELACE]: ['payments'] },
    redirectUrls: [`${ORIGIN}/auth/callback`],
  });
}

/** An API whose users sign in at a provider, and in whose project Ada's group may submit. */
export async function startSignInApi(
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

/** A browser that finds an API at our origin. */
export const browserFor = (to: TestApi) => openBrowser({ addresses: { [ORIGIN]: to.url } });

/** A browser in which somebody has signed in. */
export async function signedIn(to: TestApi, account = 'ada'): Promise<Browser> {
  const returnTo = '/api/me';
  const browser = browserFor(to);
  const form = await browser.visit(`${ORIGIN}/auth/sign-in?returnTo=${encodeURIComponent(returnTo)}`);
  const page = await browser.signInAtProvider(form, account);
  expect([page.url, page.status]).toEqual([`${ORIGIN}${returnTo}`, 200]);
  return browser;
}

/** The session cookie as it was set; empty when there is none. */
export const sessionOf = (browser: Browser) => browser.cookies(ORIGIN).get('__Host-carillon-session') ?? '';
/** The session cookie as it is sent. */
export const cookieOf = (browser: Browser) => sessionOf(browser).split(';', 1)[0] ?? '';
/** What the API says to the browser: 200 while it has a session. */
export const statusOf = async (browser: Browser) => (await browser.visit(`${ORIGIN}/api/me`)).status;

interface AuditRow {
  actor: string | null;
  action: string;
  outcome: string;
  code: string | null;
  project_id: string;
}

/** The entries of an action in the audit trail. */
export const auditOf = (of: TestApi, action: string) =>
  of.db.query<AuditRow>(sql`select actor, action, outcome, code, project_id from audit where action = ${action}`);
