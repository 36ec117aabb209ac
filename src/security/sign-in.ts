import * as oidc from 'openid-client';
import { vouchedOf, type ClaimsOptions, type Vouched } from './access-tokens.js';
import { boundedFetch } from './oidc-fetch.js';
import type { Provider } from './oidc-provider.js';

/** What a browser keeps of a sign-in that it began, and nobody else may know. */
export interface PendingSignIn {
  state: string;
  nonce: string;
  codeVerifier: string;
}

/** Signs people in at the provider: the authorization code flow with PKCE, state and nonce. */
export interface SignIn {
  /** @throws when the provider can't be asked */
  begin(): Promise<{ url: string; pending: PendingSignIn }>;
  /**
   * Takes what the provider answered to the redirect address, as the query of it.
   *
   * @throws when the answer is not the one to this sign-in, or the provider does not vouch for anybody
   */
  finish(query: string, pending: PendingSignIn): Promise<Vouched>;
  /**
   * Where a browser ends its session at the provider, too (RP-Initiated Logout 1.0); undefined: the provider has no such page.
   *
   * @throws when the provider can't be asked
   */
  endSessionUrl(): Promise<string | undefined>;
}

export interface SignInOptions extends ClaimsOptions {
  provider: Provider;
  clientId: string;
  /** Undefined: a public client. */
  clientSecret: string | undefined;
  /** What is asked for, separated by spaces; `openid` is among it. */
  scope: string;
  /** The address, of our own, that the provider sends browsers back to. */
  redirectUrl: string;
}

const CLOCK_TOLERANCE_SECONDS = 30;

export function createSignIn(options: SignInOptions): SignIn {
  const { provider, scope, redirectUrl, groupsClaim } = options;
  return {
    async begin() {
      const client = await clientOf(options);
      const pending = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        codeVerifier: oidc.randomPKCECodeVerifier(),
      };
      const { href } = oidc.buildAuthorizationUrl(client, {
        redirect_uri: redirectUrl,
        scope,
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(pending.codeVerifier),
        code_challenge_method: 'S256',
      });
      return { url: href, pending };
    },
    async finish(query, { state, nonce, codeVerifier }) {
      const client = await clientOf(options);
      const tokens = await oidc.authorizationCodeGrant(client, new URL(query, redirectUrl), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims) throw new Error('the provider gave no ID token');
      const hasMore = claims[groupsClaim] === undefined && client.serverMetadata().userinfo_endpoint !== undefined;
      const more = hasMore ? await oidc.fetchUserInfo(client, tokens.access_token, claims.sub) : {};
      const vouched = vouchedOf(provider.issuer, { ...more, ...claims }, groupsClaim);
      if (!vouched) throw new Error('the subject of the ID token can be no user');
      return vouched;
    },
    async endSessionUrl() {
      const client = await clientOf(options);
      if (client.serverMetadata().end_session_endpoint === undefined) return undefined;
      // No ID token is kept, which could be the hint of who it is: the provider asks its user.
      return oidc.buildEndSessionUrl(client, {}).href;
    },
  };
}

/** The provider as openid-client knows it; made anew, as what the provider says of itself may have changed. */
async function clientOf({ provider, clientId, clientSecret }: SignInOptions): Promise<oidc.Configuration> {
  const { authorization_endpoint, token_endpoint, ...rest } = await provider.metadata();
  if (authorization_endpoint === undefined || token_endpoint === undefined) {
    throw new Error('the provider has no authorization code flow');
  }
  const server: oidc.ServerMetadata = { ...(rest as oidc.ServerMetadata), authorization_endpoint, token_endpoint };
  const client = new oidc.Configuration(
    server,
    clientId,
    { [oidc.clockTolerance]: CLOCK_TOLERANCE_SECONDS },
    authenticationOf(server, clientSecret),
  );
  client[oidc.customFetch] = (url, { body, ...request }) =>
    boundedFetch(url, { ...request, ...(body != null && { body }) });
  // Its connection is trusted for who answers; the signature says the same once more.
  oidc.enableNonRepudiationChecks(client);
  if (provider.isOnLoopback) oidc.allowInsecureRequests(client);
  return client;
}

function authenticationOf(server: oidc.ServerMetadata, secret: string | undefined): oidc.ClientAuth {
  if (secret === undefined) return oidc.None();
  // What is left out means client_secret_basic (Discovery 1.0, section 3).
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic') ? oidc.ClientSecretBasic(secret) : oidc.ClientSecretPost(secret);
}
