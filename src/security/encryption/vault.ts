import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { tableOf } from '../../store/sealed-tables.js';
import type { Sealed, Stored } from '../../store/stored.js';
import { isKeyId, type InstanceKey, type InstanceKeys } from './instance-keys.js';

/** What a sealed value is, and of what: it opens in no other place. */
export interface Place {
  projectId: string;
  kind: 'payload' | 'run-payload' | 'result' | 'secret' | 'signing-key' | 'answer' | 'temporal';
  /** Of what it is: the job, the run, the secret. */
  id: string;
}

/** Seals what the database may hold only in a form that its reader cannot read. */
export interface Vault {
  seal(place: Place, plain: Uint8Array): Buffer;
  /** @throws SealError */
  open(place: Place, sealed: Uint8Array): Buffer;
  /** A JSON value; undefined is none, and stays so. */
  sealJson(place: Place, value: unknown): Sealed | undefined;
  /** @throws SealError */
  openJson(place: Place, stored: Stored | undefined): unknown;
  /** The id of the instance key that seals now. */
  readonly keyId: string;
}

/** What is sealed cannot be opened: its key is gone, it was changed, or it is from another place. */
export class SealError extends Error {
  override readonly name = 'SealError';
  /** Where it stands and the key that it names, for the log: nothing of what it holds. */
  readonly sealed: { table: string | undefined; kind: Place['kind']; id: string; keyId: string | undefined };

  constructor({ kind, id }: Place, keyId: string | undefined, why: string) {
    super(`The ${kind} of ${id} ${why}.`);
    this.sealed = { table: tableOf(kind), kind, id, keyId };
  }
}

/**
 * The form of what is sealed: a byte for the version of the form, a byte for the length of the key's id, the id, 96 random
 * bits (the nonce), the ciphertext, and the tag of 128 bits.
 */
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const PROJECTS_AT_HAND = 10_000;

/**
 * AES-256-GCM (NIST SP 800-38D). Each project has a key of its own, made from an instance key by HKDF-SHA-256 (RFC 5869);
 * with random nonces such a key is good for 2^32 values. What is sealed is bound to its project, kind and id, and to the
 * form and key that it names.
 */
export function createVault(keys: InstanceKeys): Vault {
  const projectKeys = new LRUCache<string, Buffer>({ max: PROJECTS_AT_HAND });

  function projectKeyOf({ id, bytes }: InstanceKey, projectId: string): Buffer {
    const name = `${id}/${projectId}`;
    const known = projectKeys.get(name);
    if (known) return known;
    const made = Buffer.from(hkdfSync('sha256', bytes, 'carillon', `project/${projectId}`, KEY_BYTES));
    projectKeys.set(name, made);
    return made;
  }

  function seal(place: Place, plain: Uint8Array): Buffer {
    const key = keys.current;
    const header = headerOf(key.id);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', projectKeyOf(key, place.projectId), nonce);
    cipher.setAAD(boundTo(place, header));
    return Buffer.concat([header, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  function open(place: Place, given: Uint8Array): Buffer {
    const sealed = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
    const keyId = keyIdOf(sealed);
    const failed = (why: string) => new SealError(place, keyId, why);
    if (keyId === undefined) throw failed('is not sealed, or was damaged');
    const header = headerOf(keyId);
    if (sealed.length < header.length + NONCE_BYTES + TAG_BYTES) throw failed('was cut');
    const key = keys.get(keyId);
    if (!key) throw failed(`is sealed with the key ${keyId}, which is not there`);
    const body = sealed.subarray(header.length + NONCE_BYTES, -TAG_BYTES);
    const nonce = sealed.subarray(header.length, header.length + NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', projectKeyOf(key, place.projectId), nonce, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(boundTo(place, header));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(body), decipher.final()]);
    } catch {
      // What the library says is no help, and nobody has to learn at which step it failed.
      throw failed('was changed since it was sealed, or is of another place');
    }
  }

  return {
    seal,
    open,
    sealJson: (place, value) =>
      value === undefined ? undefined : { sealed: seal(place, Buffer.from(JSON.stringify(value))) },
    openJson(place, stored) {
      if (stored === undefined) return undefined;
      return 'plain' in stored ? stored.plain : (JSON.parse(open(place, stored.sealed).toString('utf8')) as unknown);
    },
    get keyId() {
      return keys.current.id;
    },
  };
}

/** The id of the key that something is sealed with; undefined of what is not sealed. */
export function keyIdOf(sealed: Uint8Array): string | undefined {
  const [version, length = 0] = sealed;
  if (version !== VERSION || sealed.length < 2 + length) return undefined;
  const id = Buffer.from(sealed.subarray(2, 2 + length)).toString('latin1');
  // Errors and logs tell it: they are to repeat no other bytes.
  return isKeyId(id) ? id : undefined;
}

/** What something begins with that is sealed with a key: statements find by it what is sealed with another one. */
export function headerOf(keyId: string): Buffer {
  const id = Buffer.from(keyId, 'latin1');
  return Buffer.concat([Buffer.from([VERSION, id.length]), id]);
}

function boundTo({ projectId, kind, id }: Place, header: Buffer): Buffer {
  return Buffer.concat([header, Buffer.from(`${projectId}/${kind}/${id}`)]);
}
