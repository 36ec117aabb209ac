import { expect } from '@jest/globals';
import type { JWTPayload } from 'jose';
import type { OidcConfig } from '../../src/platform/config.js';
import { AUDIENCE, startOidcProvider, type TestProvider } from '../support/oidc.js';
import { startTestApi, type Answer, type TestApi } from './support.js';

export const oidcConfigOf = (issuer: string): OidcConfig => ({
  issuer,
  audience: AUDIENCE,
  groupsClaim: 'groups',
  adminGroup: 'carillon-admins',
  signIn: undefined,
});

/** A provider, and an API that takes its access tokens, in whose project Ada is an operator. */
export async function startTokenApi(): Promise<{ provider: TestProvider; api: TestApi }> {
  const provider = await startOidcProvider({ groups: { ada: ['payments'], root: ['carillon-admins'] } });
  const api = await startTestApi({ oidc: () => oidcConfigOf(provider.issuer) });
  await addMember(api, { kind: 'user', subject: 'ada', role: 'operator' });
  return { provider, api };
}

export async function addMember(api: TestApi, body: Record<string, unknown>): Promise<void> {
  expect((await api.call('POST', '/api/members', { body })).status).toBe(201);
}

/** The time so many milliseconds from now, as tokens have it: in epoch seconds. */
export const seconds = (ms = 0) => Math.floor((Date.now() + ms) / 1_000);
/** What a valid token of Ada's says, but for `changes`. */
export const claims = (provider: TestProvider, changes: Record<string, unknown> = {}): JWTPayload => ({
  iss: provider.issuer,
  aud: AUDIENCE,
  sub: 'ada',
  iat: seconds(),
  exp: seconds(600_000),
  groups: ['payments'],
  ...changes,
});
/** Who a token makes its caller, by the API's own word. */
export const meOf = (api: TestApi, token: string): Promise<Answer> => api.call('GET', '/api/me', { key: token });
