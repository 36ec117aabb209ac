import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import type Provider from 'oidc-provider';
import type { Configuration } from 'oidc-provider';
import { openBrowser } from './browser.js';

/** A real OIDC provider on loopback, whose accounts are whoever signs in. */
export interface TestProvider {
  readonly issuer: string;
  readonly publicJwk: JWK;
  readonly privateKey: CryptoKey;
  /** How often its key set was asked for. */
  keySetReads(): number;
  /** An access token as the authorization code flow gives it. */
  accessToken(account: string): Promise<string>;
  /** The ID token of the same flow. */
  idToken(account: string): Promise<string>;
  /** Signs claims with the provider's own key; `undefined` leaves one out. */
  sign(claims: JWTPayload, header?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

export const AUDIENCE = 'https://carillon.test/api';
export const CLIENT_SECRET = 'a-secret-of-the-console-client-0123456789';
export const KEY_ID = 'key-1';
const NATIVE_REDIRECT = 'https://cli.test/callback';

export interface ProviderOptions {
  /** The groups of an account. */
  groups: Readonly<Record<string, readonly string[]>>;
  /** Where browsers may be sent back to. */
  redirectUrls?: readonly string[];
  /** The port; any free one when left out. */
  port?: number;
  /** Whether groups are told by the userinfo endpoint only, as some providers do. */
  groupsByUserInfoOnly?: boolean;
}

export async function startOidcProvider(options: ProviderOptions): Promise<TestProvider> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const about = { kid: KEY_ID, alg: 'RS256', use: 'sig' };
  const publicJwk = { ...(await exportJWK(publicKey)), ...about };
  const server = createServer();
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = await createProvider(issuer, configuration(options, { ...(await exportJWK(privateKey)), ...about }));
  let keySetReads = 0;
  const answer = provider.callback();
  server.on('request', (req, res) => {
    if (req.url === '/jwks') keySetReads += 1;
    void answer(req, res);
  });
  const sign: TestProvider['sign'] = (claims, header = {}) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: KEY_ID, ...header }).sign(privateKey);
  return {
    issuer,
    publicJwk,
    privateKey,
    keySetReads: () => keySetReads,
    accessToken: async (account) => (await tokensOf(issuer, account)).access_token,
    idToken: async (account) => (await tokensOf(issuer, account)).id_token,
    sign,
    close: () => closed(server),
  };
}

/** Without its warnings, which are for those who let people sign in by it. */
async function createProvider(issuer: string, settings: Configuration): Promise<Provider> {
  const { warn } = console;
  console.warn = () => undefined;
  try {
    const { default: OidcProvider } = await import('oidc-provider');
    return new OidcProvider(issuer, settings);
  } finally {
    console.warn = warn;
  }
}

function configuration(options: ProviderOptions, key: JWK): Configuration {
  const groupsOf = (account: string) => [...(options.groups[account] ?? [])];
  const redirect_uris = [...(options.redirectUrls ?? [])];
  return {
    jwks: { keys: [key] },
    cookies: { keys: ['a key for the cookies of the provider'] },
    clients: [
      { client_id: 'console', token_endpoint_auth_method: 'none', redirect_uris },
      { client_id: 'confidential', client_secret: CLIENT_SECRET, redirect_uris },
      { client_id: 'cli', token_endpoint_auth_method: 'none', redirect_uris: [NATIVE_REDIRECT] },
    ],
    claims: { openid: ['sub', 'groups'] },
    conformIdTokenClaims: options.groupsByUserInfoOnly ?? false,
    findAccount: (_context, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, groups: groupsOf(accountId) }),
    }),
    extraTokenClaims: (_context, token) => ({ groups: 'accountId' in token ? groupsOf(token.accountId) : [] }),
    features: {
      devInteractions: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => void (context.body = form),
        postLogoutSuccessSource: (context) => void (context.body = 'Signed out'),
      },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: 'jobs', audience: AUDIENCE, accessTokenFormat: 'jwt' as const }),
      },
    },
    // Nobody is asked to agree to what the client wants.
    async loadExistingGrant({ oidc }) {
      const { session, client, params } = oidc;
      const grant = new oidc.provider.Grant({ clientId: client?.clientId ?? '', accountId: session?.accountId ?? '' });
      grant.addOIDCScope('openid');
      if (params?.['resource'] !== undefined) grant.addResourceScope(AUDIENCE, 'jobs');
      await grant.save();
      return grant;
    },
    ttl: { AccessToken: 600, Session: 600, Grant: 600, Interaction: 600, IdToken: 600, AuthorizationCode: 60 },
  };
}

async function tokensOf(issuer: string, account: string): Promise<{ access_token: string; id_token: string }> {
  const verifier = 'v'.repeat(64);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const asked = new URLSearchParams({
    client_id: 'cli',
    response_type: 'code',
    redirect_uri: NATIVE_REDIRECT,
    scope: 'openid jobs',
    resource: AUDIENCE,
    code_challenge: Buffer.from(digest).toString('base64url'),
    code_challenge_method: 'S256',
  });
  const browser = openBrowser({ stopAt: NATIVE_REDIRECT });
  const back = await browser.signInAtProvider(await browser.visit(`${issuer}/auth?${asked.toString()}`), account);
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'cli',
      redirect_uri: NATIVE_REDIRECT,
      code: new URL(back.url).searchParams.get('code') ?? '',
      code_verifier: verifier,
      resource: AUDIENCE,
    }),
  });
  if (answer.status !== 200) throw new Error(`the provider gave no tokens: ${back.url}`);
  return (await answer.json()) as { access_token: string; id_token: string };
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
