import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Logger } from '../platform/logging.js';
import { askFor, coolingDown } from './oidc-fetch.js';

/** What a provider says of itself (OpenID Connect Discovery 1.0, section 3), as far as it is used here. */
export type ProviderMetadata = z.output<typeof ProviderMetadata>;
const ProviderMetadata = z.looseObject({
  issuer: z.string(),
  jwks_uri: z.string(),
  authorization_endpoint: z.string().optional(),
  token_endpoint: z.string().optional(),
  userinfo_endpoint: z.string().optional(),
  end_session_endpoint: z.string().optional(),
});
const endpoints = [
  'jwks_uri',
  'authorization_endpoint',
  'token_endpoint',
  'userinfo_endpoint',
  'end_session_endpoint',
] as const;

/** An OIDC provider, asked when it is needed: it may be away when Carillon starts, or later. */
export interface Provider {
  readonly issuer: string;
  /** Whether it may be spoken to without TLS: it is on this machine. */
  readonly isOnLoopback: boolean;
  /** @throws when it can't be reached, or says nothing that can be used */
  metadata(): Promise<ProviderMetadata>;
  /** The key that a token names, of the provider's set. */
  readonly keyOf: JWTVerifyGetKey;
}

export interface ProviderOptions {
  issuer: string;
  logger: Logger;
  /** For how long a provider that failed is left alone. */
  coolDownMs?: number | undefined;
}

const METADATA_TTL_MS = 60 * 60_000;
/** How often, at most, the set is read again because a token names a key that is not in it. */
const UNKNOWN_KEY_COOL_DOWN_MS = 30_000;
const KEYS_TTL_MS = 10 * 60_000;
const COOL_DOWN_MS = 10_000;

export function createProvider({ issuer, logger, coolDownMs = COOL_DOWN_MS }: ProviderOptions): Provider {
  const isOnLoopback = issuer.startsWith('http:');
  const onFailed = (error: unknown) => logger.warn({ err: error, url: issuer }, 'the OIDC provider could not be asked');
  const discovery = coolingDown(coolDownMs, onFailed);
  const keySet = coolingDown(coolDownMs, onFailed);
  let known: { metadata: ProviderMetadata; at: number; keyOf: JWTVerifyGetKey } | undefined;
  let asking: Promise<void> | undefined;

  const discover = async () => {
    const metadata = await discovery(() => discoverProvider(issuer, isOnLoopback));
    const isSameSet = known?.metadata.jwks_uri === metadata.jwks_uri;
    const keyOf = (isSameSet && known?.keyOf) || remoteKeySet(metadata.jwks_uri);
    known = { metadata, keyOf, at: performance.now() };
  };
  const remoteKeySet = (url: string) =>
    createRemoteJWKSet(new URL(url), {
      cooldownDuration: UNKNOWN_KEY_COOL_DOWN_MS,
      cacheMaxAge: KEYS_TTL_MS,
      [customFetch]: (address, request) => keySet(() => askFor(address, request)),
    });
  const current = async () => {
    if (!known || performance.now() - known.at > METADATA_TTL_MS) {
      asking ??= discover().finally(() => (asking = undefined));
      // What was known before serves until there is something newer.
      await asking.catch((error: unknown) => {
        if (!known) throw error;
      });
    }
    if (!known) throw new Error('the OIDC provider is not known');
    return known;
  };

  return {
    issuer,
    isOnLoopback,
    metadata: async () => (await current()).metadata,
    keyOf: async (header, token) => (await current()).keyOf(header, token),
  };
}

async function discoverProvider(issuer: string, isOnLoopback: boolean): Promise<ProviderMetadata> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await askFor(url, { headers: { accept: 'application/json' } });
  const metadata = ProviderMetadata.parse(await answer.json());
  if (metadata.issuer !== issuer) {
    throw new Error(`the OIDC provider calls itself ${metadata.issuer}, and CARILLON_OIDC_ISSUER calls it ${issuer}`);
  }
  for (const name of endpoints) {
    const endpoint = metadata[name];
    if (endpoint !== undefined && !isSecure(endpoint, isOnLoopback)) {
      throw new Error(`the OIDC provider's ${name} is ${endpoint}: it must be https`);
    }
  }
  return metadata;
}

function isSecure(url: string, isOnLoopback: boolean): boolean {
  const { protocol } = new URL(url);
  return protocol === 'https:' || (isOnLoopback && protocol === 'http:');
}
