import { isRole } from '../domain/permissions.js';
import type { Queries } from '../store/database.js';
import { readKey, type KeyRecord } from '../store/keys.js';
import { isSecretOf, parseApiKey } from './api-key.js';
import type { Admission } from './principals.js';
import { createReadCache } from './read-cache.js';

/** Lets callers in by API keys. */
export interface Keys {
  /** Who presents a written key. */
  admit(written: string): Promise<Admission>;
  /** Reads a key anew at its next use: it has changed. */
  forget(keyId: string): void;
}

export interface KeysOptions {
  db: Queries;
  /** Epoch milliseconds. */
  now: () => number;
  /** How long a key is taken to be as it was last read. */
  cacheTtlMs: number;
  /** Told of each key that was let in. */
  onUsed?: ((keyId: string) => void) | undefined;
}

const CACHE_SIZE = 10_000;

/**
 * What the database says of an id is kept for a few seconds, so that a request costs no query; the secret is compared at
 * each request.
 */
export function createKeys({ db, now, cacheTtlMs, onUsed }: KeysOptions): Keys {
  const records = createReadCache<KeyRecord | undefined>({ ttlMs: cacheTtlMs, size: CACHE_SIZE });
  return {
    async admit(written) {
      const presented = parseApiKey(written);
      if (!presented) return { refusal: 'malformed_key' };
      const record = await records.get(presented.id, () => readKey(db, presented.id));
      if (!record || !isSecretOf(record.secretHash, presented.secret)) return { refusal: 'unknown_key' };
      const admission = admissionOf(record, now());
      if ('identity' in admission) onUsed?.(record.id);
      return admission;
    },
    forget: (keyId) => records.forget(keyId),
  };
}

function admissionOf(key: KeyRecord, now: number): Admission {
  if (key.revokedAt !== null) return { refusal: 'revoked_key' };
  if (key.expiresAt !== null && key.expiresAt <= now) return { refusal: 'expired_key' };
  const { id, role, isInstanceAdmin, project } = key;
  if (!isRole(role)) return { refusal: 'unknown_role' };
  const { id: projectId, slug, name } = project;
  return { identity: { kind: 'key', id, isInstanceAdmin, projects: [{ projectId, slug, name, role }] } };
}
