import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** An instance key: what the keys of all projects are made from. */
export interface InstanceKey {
  /** Stands with all that is sealed under the key; no secret. */
  id: string;
  /** 256 bits. */
  bytes: Buffer;
}

/** The instance keys by their ids, and the one that seals. */
export interface InstanceKeys {
  readonly current: InstanceKey;
  readonly ids: readonly string[];
  get(id: string): InstanceKey | undefined;
}

const KEY_BYTES = 32;
const ID = /^[a-z0-9][a-z0-9-]{0,31}$/;
const WRITTEN = /^([^:]+):([A-Za-z0-9+/]{43}=)$/;

export const isKeyId = (text: string): boolean => ID.test(text);

/**
 * The keys of a text, each `id:base64`, with commas or line ends between them; the first one seals, the others open only.
 *
 * @throws Error with a sentence, which does not hold the text, when it is not written so
 */
export function parseInstanceKeys(text: string, whereFrom: string): [InstanceKey, ...InstanceKey[]] {
  const keys = text.split(/[,\s]+/).flatMap((part) => (part === '' ? [] : [parseOne(part, whereFrom)]));
  const [first, ...others] = keys;
  if (!first) throw new Error(`${whereFrom} holds no key: make one with \`npm run new:encryption-key\`.`);
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Error(`${whereFrom} holds two keys of one id.`);
  return [first, ...others];
}

/** A new key, written as the keys of an installation are. */
export function makeInstanceKey(now: Date): string {
  const id = `k-${now.toISOString().slice(0, 10)}-${randomBytes(3).toString('hex')}`;
  return `${id}:${randomBytes(KEY_BYTES).toString('base64')}`;
}

function parseOne(part: string, whereFrom: string): InstanceKey {
  const [, id, base64] = WRITTEN.exec(part) ?? [];
  const bytes = base64 === undefined ? undefined : Buffer.from(base64, 'base64');
  if (id === undefined || !isKeyId(id) || bytes?.length !== KEY_BYTES) {
    throw new Error(
      `${whereFrom} holds something that is no key: each is id:base64, as \`npm run new:encryption-key\` prints it.`,
    );
  }
  return { id, bytes };
}

/** Keys that stay as they are. */
export function fixedKeys(keys: readonly [InstanceKey, ...InstanceKey[]]): InstanceKeys {
  const byId = new Map(keys.map((key) => [key.id, key]));
  return { current: keys[0], ids: [...byId.keys()], get: (id) => byId.get(id) };
}

/** For so long a file is not read again because of a key that is not in it, in milliseconds. */
const READ_AGAIN_AFTER_MS = 1_000;

/**
 * The keys of a file, which is read again when a key is asked for that was not in it: a process that was told of a new key
 * later than the one that sealed with it finds it all the same.
 *
 * @throws Error with a sentence when the file is not there, or is not written as it should be
 */
export function keysOfFile(file: string, whereFrom: string): InstanceKeys {
  let keys = fixedKeys(read(file, whereFrom));
  let readAt = performance.now();
  return {
    get current() {
      return keys.current;
    },
    get ids() {
      return keys.ids;
    },
    get(id) {
      const known = keys.get(id);
      if (known || performance.now() - readAt < READ_AGAIN_AFTER_MS) return known;
      readAt = performance.now();
      keys = fixedKeys(read(file, whereFrom));
      return keys.get(id);
    },
  };
}

function read(file: string, whereFrom: string): [InstanceKey, ...InstanceKey[]] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`${whereFrom} names a file that can't be read: ${file}.`, { cause });
  }
  return parseInstanceKeys(text, whereFrom);
}

/**
 * The keys that an installation gives: as a text in CARILLON_ENCRYPTION_KEYS, or in a file.
 *
 * @throws Error with a sentence that names the variable
 */
export function instanceKeysOf(given: { text: string } | { file: string }): InstanceKeys {
  return 'text' in given
    ? fixedKeys(parseInstanceKeys(given.text, 'CARILLON_ENCRYPTION_KEYS'))
    : keysOfFile(given.file, 'CARILLON_ENCRYPTION_KEYS_FILE');
}
