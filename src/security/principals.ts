import { LRUCache } from 'lru-cache';
import { isRole, type Role } from '../domain/permissions.js';
import type { Queries } from '../store/database.js';
import { readKey, type KeyRecord } from '../store/keys.js';
import { isSecretOf, parseApiKey } from './api-key.js';

/** Who calls, in which project and with which role. */
export interface Principal {
  readonly kind: 'key';
  /** The id of the key. */
  readonly id: string;
  readonly projectId: string;
  readonly role: Role;
  /** Whether it may manage the projects of the instance. What is in them is not among that. */
  readonly isInstanceAdmin: boolean;
}

/** Finds out who calls. */
export interface Authenticator {
  /** The principal of an `Authorization` header, or undefined when it is no valid credential. */
  authenticate(authorization: string | undefined): Promise<Principal | undefined>;
  /** Reads a key anew at its next use: it has changed. */
  forget(keyId: string): void;
}

export interface AuthenticatorOptions {
  db: Queries;
  /** Epoch milliseconds. */
  now: () => number;
  /** How long a key is taken to be as it was last read. */
  cacheTtlMs?: number;
  /** Told of each key that was let in. */
  onUsed?: (keyId: string) => void;
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
      const principal = isSecretOf(record.secretHash, presented.secret)
        ? principalOf(record, options.now())
        : undefined;
      if (principal) options.onUsed?.(principal.id);
      return principal;
    },
    forget: (keyId) => void cache.delete(keyId),
  };
}

function bearerTokenOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.length > LONGEST_HEADER) return undefined;
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1];
}

function principalOf(key: KeyRecord, now: number): Principal | undefined {
  if (key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now) || !isRole(key.role)) return undefined;
  const { id, projectId, role, isInstanceAdmin } = key;
  return { kind: 'key', id, projectId, role, isInstanceAdmin };
}
