import { createHmac } from 'node:crypto';

/** What a written signing key begins with (Standard Webhooks, "Signature scheme"). */
const PREFIX = 'whsec_';
/** The size of a signing key, in bytes (Standard Webhooks, "Signature scheme"). */
export const MIN_SIGNING_KEY_BYTES = 24;
export const MAX_SIGNING_KEY_BYTES = 64;
/** How many keys sign a request: enough for a rotation with stragglers, and the header stays under 300 bytes. */
export const MAX_SIGNING_KEYS = 5;

/**
 * Reads a signing key as receivers are given it: `whsec_` and base64.
 *
 * @throws Error with a sentence that never repeats the text
 */
export function parseSigningKey(text: string): Buffer {
  if (!text.startsWith(PREFIX)) throw new Error(`A signing key must start with ${PREFIX}.`);
  const encoded = text.slice(PREFIX.length);
  const key = Buffer.from(encoded, 'base64');
  // Node's decoder skips what is no base64: only what is written back the same was read whole.
  if (key.toString('base64') !== encoded) throw new Error(`A signing key must be ${PREFIX} and padded base64.`);
  return checkedSigningKey(key);
}

/**
 * Writes a signing key as receivers are given it.
 *
 * @throws Error when the key is shorter than 24 bytes or longer than 64
 */
export function writeSigningKey(key: Buffer): string {
  return PREFIX + checkedSigningKey(key).toString('base64');
}

/**
 * The key, if it has the size of one.
 *
 * @throws Error when it is shorter than 24 bytes or longer than 64
 */
export function checkedSigningKey(key: Buffer): Buffer {
  if (key.length >= MIN_SIGNING_KEY_BYTES && key.length <= MAX_SIGNING_KEY_BYTES) return key;
  throw new Error(
    `A signing key has ${MIN_SIGNING_KEY_BYTES} to ${MAX_SIGNING_KEY_BYTES} bytes; this one has ${key.length}.`,
  );
}

/** What a receiver can check of a request (https://www.standardwebhooks.com): that a holder of the key sent it, and when. */
export interface SignedMessage {
  /** The same for every attempt, so that a receiver can tell a repetition. */
  readonly id: string;
  /** When it is sent, in Unix seconds: receivers refuse what is older than some minutes. */
  readonly timestampSeconds: number;
  /** The bytes sent; none for a request without a body. */
  readonly body: Buffer;
}

/** The headers of Standard Webhooks: a signature for each key, at most five, in the order of the keys; none without a key. */
export function signatureHeaders(keys: readonly Buffer[], message: SignedMessage): [string, string][] {
  if (keys.length === 0) return [];
  const signatures = keys.slice(0, MAX_SIGNING_KEYS).map((key) => `v1,${signatureOf(key, message)}`);
  return [
    ['webhook-id', message.id],
    ['webhook-timestamp', String(message.timestampSeconds)],
    ['webhook-signature', signatures.join(' ')],
  ];
}

function signatureOf(key: Buffer, { id, timestampSeconds, body }: SignedMessage): string {
  return createHmac('sha256', key).update(`${id}.${timestampSeconds}.`).update(body).digest('base64');
}
