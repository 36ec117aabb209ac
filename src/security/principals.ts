import { LRUCache } from 'lru-cache';
import { isRole, type Role } from '../domain/permissions.js';
import type { Queries } from '../store/database.js';
import { readKey, type KeyRecord } from '../store/keys.js';
import { isSecretOf, parseApiKey } from './api-key.js';

/** Who calls: an API key, in the project and with the role that it was made for. */
export interface Principal {
  readonly keyId: string;
  readonly projectId: string;
  readonly role: Role;
}

/** Finds out who calls. */
export interface Authenticator {
  /** The principal of an `Authorization` header, or undefined when it is no valid credential. */
  authenticate(authorization: string | undefined): Promise<Principal | undefined>;
}

export interface AuthenticatorOptions {
  db: Queries;
  /** Epoch milliseconds. */
  now: () => number;
  /** How long a key is taken to be as it was last read. */
  cacheTtlMs?: number;
}

/** For so long a revoked key can still be used: the price of asking the database seldom. */
const CACHE_TTL_MS = 5_000;
const CACHE_SIZE = 10_000;
const LONGEST_HEADER = 256;

const noKey = Symbol('no such key');

/**
 * Authenticates by API keys. What the database says of an id is kept for a few seconds, so that a request costs no
 * query; the secret is compared at each request.
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const cache = new LRUCache<string, KeyRecord | typeof noKey>({
    max: CACHE_SIZE,
    ttl: options.cacheTtlMs ?? CACHE_TTL_MS,
    fetchMethod: async (id) => (await readKey(options.db, id)) ?? noKey,
  });

  return {
    async authenticate(authorization) {
      const token = bearerTokenOf(authorization);
      const presented = token === undefined ? undefined : parseApiKey(token);
      if (!presented) return undefined;
      const record = cache.get(presented.id) ?? (await cache.fetch(presented.id));
      if (record === undefined || record === noKey) return undefined;
      return isSecretOf(record.secretHash, presented.secret) ? principalOf(record, options.now()) : undefined;
    },
  };
}

function bearerTokenOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.length > LONGEST_HEADER) return undefined;
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1];
}

function principalOf(key: KeyRecord, now: number): Principal | undefined {
  if (key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now) || !isRole(key.role)) return undefined;
  return { keyId: key.id, projectId: key.projectId, role: key.role };
}
