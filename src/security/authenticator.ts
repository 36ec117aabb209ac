import type { OidcConfig } from '../platform/config.js';
import type { Logger } from '../platform/logging.js';
import type { Database } from '../store/database.js';
import { createAccessTokens } from './access-tokens.js';
import { createKeys } from './keys.js';
import { createProvider } from './oidc-provider.js';
import type { Admission } from './principals.js';
import { createSessions, type Sessions } from './sessions.js';
import { createSignIn, type SignIn } from './sign-in.js';
import { createUsers } from './users.js';

/** Finds out who calls. */
export interface Authenticator {
  /** Who an `Authorization` header is of. */
  authenticate(authorization: string | undefined): Promise<Admission>;
  /** The provider whose users and groups can be members; undefined: there is none. */
  readonly issuer: string | undefined;
  /** How browsers sign in; undefined: they can't. */
  readonly browsers: Browsers | undefined;
  /** Reads a key anew at its next use: it has changed. */
  forget(keyId: string): void;
  /** Reads all memberships anew: some have changed. */
  forgetMembers(): void;
}

/** Sign-in by browsers, and the sessions that come of it. */
export interface Browsers {
  readonly signIn: SignIn;
  readonly sessions: Sessions;
  /** Our origin, as browsers see it. */
  readonly origin: string;
}

/** The one path that the provider sends browsers back to. */
export const CALLBACK_PATH = '/auth/callback';

export interface AuthenticatorOptions {
  db: Pick<Database, 'query' | 'transaction'>;
  /** Epoch milliseconds. */
  now: () => number;
  logger: Logger;
  /** Undefined: API keys are the only credentials. */
  oidc?: OidcConfig | undefined;
  /** For how long keys, memberships and sessions are taken to be as they were last read. */
  cacheTtlMs?: number;
  /** For how long a provider that failed is left alone. */
  providerCoolDownMs?: number;
  /** Told of each key that was let in. */
  onUsed?: (keyId: string) => void;
}

/** For so long what was revoked can still be used: the price of asking the database seldom. */
const CACHE_TTL_MS = 5_000;
/** Node takes headers of 16 KiB in all. */
const LONGEST_HEADER = 16_384;
const BEARER = /^Bearer +(\S+)$/i;

/** Authenticates by API keys; with a provider, by its access tokens and by sessions, too. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { db, now, onUsed, cacheTtlMs = CACHE_TTL_MS } = options;
  const keys = createKeys({ db, now, cacheTtlMs, onUsed });
  const people = options.oidc && createPeople({ ...options, cacheTtlMs, oidc: options.oidc });
  return {
    async authenticate(authorization) {
      if (authorization === undefined) return { refusal: 'no_credential' };
      const token = authorization.length > LONGEST_HEADER ? undefined : BEARER.exec(authorization)?.[1];
      if (token === undefined) return { refusal: 'no_bearer' };
      if (!people || token.startsWith('carillon_')) return keys.admit(token);
      return people.admitToken(token);
    },
    issuer: options.oidc?.issuer,
    browsers: people?.browsers,
    forget: (keyId) => keys.forget(keyId),
    forgetMembers: () => people?.forgetMembers(),
  };
}

function createPeople(options: AuthenticatorOptions & { oidc: OidcConfig; cacheTtlMs: number }) {
  const { db, now, logger, cacheTtlMs, providerCoolDownMs: coolDownMs, oidc } = options;
  const { issuer, audience, groupsClaim, adminGroup, signIn } = oidc;
  const provider = createProvider({ issuer, logger, coolDownMs });
  const users = createUsers({ db, now, cacheTtlMs, adminGroup });
  const verify = createAccessTokens({ provider, audience, groupsClaim, now });
  const browsers = signIn && {
    origin: signIn.publicUrl,
    sessions: createSessions({ db, users, issuer, now, cacheTtlMs }),
    signIn: createSignIn({ ...signIn, provider, groupsClaim, redirectUrl: `${signIn.publicUrl}${CALLBACK_PATH}` }),
  };
  return {
    browsers,
    async admitToken(token: string): Promise<Admission> {
      const verified = await verify(token);
      return 'refusal' in verified ? verified : { identity: await users.identify(verified) };
    },
    forgetMembers: () => users.forgetMembers(),
  };
}
