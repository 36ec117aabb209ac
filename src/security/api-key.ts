import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

/** An API key in its two parts; `carillon_<id>.<secret>` when written down. */
export interface ApiKey {
  /** 16 characters of base32: names the key, and is no secret. */
  id: string;
  /** 256 random bits in base64url. Never stored, never logged. */
  secret: string;
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_LENGTH = 16;
const SECRET_BYTES = 32;
const WRITTEN = /^carillon_([a-z2-7]{16})\.([A-Za-z0-9_-]{43})$/;

export function makeApiKey(): ApiKey {
  const id = Array.from({ length: ID_LENGTH }, () => BASE32.charAt(randomInt(BASE32.length))).join('');
  return { id, secret: randomBytes(SECRET_BYTES).toString('base64url') };
}

export function writeApiKey(key: ApiKey): string {
  return `carillon_${key.id}.${key.secret}`;
}

/** Undefined for whatever is not written as a key is. */
export function parseApiKey(text: string): ApiKey | undefined {
  const [, id, secret] = WRITTEN.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** A fast hash is right here: 256 random bits can't be guessed, however cheap a guess is. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Whether `secret` is the one that was hashed, in a time that does not tell how much of it is right. */
export function isSecretOf(secretHash: Buffer, secret: string): boolean {
  const presented = hashSecret(secret);
  return presented.length === secretHash.length && timingSafeEqual(presented, secretHash);
}
